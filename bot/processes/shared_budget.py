"""One process's share of a budget of calls that several processes use, taken in small portions from the database."""

import asyncio
import logging

from bot.processes import budget_rows
from bot.processes.this_process import Process
from bot.storage.background import in_background

PORTION_S = 0.5
"""How long a portion of calls lasts. If a process takes calls but does not use them, the others lose them."""

SAVED_S = 1.0
"""How long unused calls are saved up for all processes together."""

MICROSECONDS = 1_000_000

log = logging.getLogger(__name__)


class SharedBudget:
    """The calls of one kind that this process may make now."""

    def __init__(self, name: str, process: Process) -> None:
        self.left = 0
        self._name = name
        self._process = process
        self._fetching: asyncio.Task[None] | None = None

    def use(self, calls: int, per_s: float) -> None:
        """Use this many calls, or none. If less than half a portion is left, fetch another in the background."""
        self.left -= calls
        portion = max(1, round(per_s * PORTION_S))
        if self.left <= portion // 2 and (self._fetching is None or self._fetching.done()):
            self._fetching = asyncio.create_task(
                in_background(self._fetch(portion, per_s)), name=f"budget {self._name}"
            )

    async def _fetch(self, portion: int, per_s: float) -> None:
        each_us, saved_us = round(MICROSECONDS / per_s), round(max(SAVED_S, 1 / per_s) * MICROSECONDS)
        try:
            self.left += await self._process.run(
                lambda: budget_rows.take(self._name, portion, each_us=each_us, saved_us=saved_us)
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, the next caller asks again
            log.warning("no calls could be taken from the budget of %s: %s", self._name, error)
