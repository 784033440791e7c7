"""Starts the work that one process at a time does for all processes, once this process gets the duties."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.clock import end
from bot.log_context import without_ids
from bot.processes.this_process import Process

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that runs in the background, in one process at a time."""

    start: Callable[[], None]
    stop: Callable[[], Awaitable[None]]


class Duties:
    """The duties of a process that may get them. It keeps them until it ends."""

    def __init__(self, process: Process, duties: Sequence[Duty]) -> None:
        self._process = process
        self._duties = duties
        self._begun = False
        self._waiting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the duties: at once, or when the process that has them ends."""
        if self._process.is_on_duty:
            self._begin()
        else:
            self._waiting = asyncio.create_task(self._wait(), name="duties", context=without_ids())

    async def stop(self) -> None:
        """Stop all duties."""
        if self._waiting is not None:
            await end([self._waiting])
        if self._begun:
            await asyncio.gather(*(duty.stop() for duty in reversed(self._duties)))

    async def _wait(self) -> None:
        await self._process.on_duty()
        log.info("this process does from now on what only one does at a time")
        self._begin()

    def _begin(self) -> None:
        self._begun = True
        for duty in self._duties:
            duty.start()
