"""Wakes the loop of a duty, in whichever process it runs."""

import asyncio

from bot.processes.notices import DUTY, NoNotices, Notices


class DutyWakeUp(asyncio.Event):
    """An event that is also set in the other processes. Each process clears its own."""

    def __init__(self, duty: str, notices: Notices | None = None) -> None:
        super().__init__()
        self._duty = duty
        self._notices = notices or NoNotices()
        self._notices.listen(DUTY, self._heard)

    def set(self) -> None:
        """Wake the loop: call this after the transaction that made something due."""
        super().set()
        self._notices.tell(DUTY, self._duty)

    def _heard(self, duty: str) -> None:
        if duty in ("", self._duty):
            super().set()
