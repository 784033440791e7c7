"""Keeps what processes cache about guilds consistent: each reports what it has changed, and the others forget it."""

import asyncio
from collections.abc import Callable

from bot.clock import Clock, end
from bot.log_context import without_ids
from bot.processes.notices import GUILD, NoNotices, Notices

BACKSTOP_S = 60.0
"""How long a process may remember something that another process has changed, if the notice was lost."""

Forget = Callable[[int | None], None]
"""Forgets what is cached about a guild; about all guilds if it is None."""


class GuildNews:
    """Notices about changed guilds. A single process needs none, so this does nothing there."""

    def __init__(self, notices: Notices | None = None) -> None:
        self._notices = notices or NoNotices()
        self._memories: list[Forget] = []
        self._task: asyncio.Task[None] | None = None
        self._notices.listen(GUILD, self._heard)

    def remember(self, forget: Forget) -> None:
        """Call `forget` when another process may have changed something. It must not raise."""
        self._memories.append(forget)

    def changed(self, guild: int | None) -> None:
        """Tell the other processes that this one has changed something about a guild, or about many guilds (None)."""
        self._notices.tell(GUILD, "" if guild is None else str(guild))

    def start(self, clock: Clock) -> None:
        """Forget everything from time to time, because notices may be lost."""
        self._task = asyncio.create_task(self._forget_in_turn(clock), name="guild news", context=without_ids())

    async def stop(self) -> None:
        """Stop forgetting from time to time."""
        if self._task is not None:
            await end([self._task])

    async def _forget_in_turn(self, clock: Clock) -> None:
        while True:
            await clock.sleep(BACKSTOP_S)
            self._forget(None)

    def _heard(self, text: str) -> None:
        self._forget(int(text) if text.isdecimal() else None)

    def _forget(self, guild: int | None) -> None:
        for forget in self._memories:
            forget(guild)
