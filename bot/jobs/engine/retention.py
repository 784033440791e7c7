"""Removes the files of results, and of what members gave, after the days that were promised; their rows stay.

The days count from when the job last changed: for a result that could not be shown, from when it was given up to its
member. What a job that is younger works on stays as long as that one's own results.
"""

import logging
from collections.abc import Callable, Sequence

from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.store import file_rows
from bot.jobs.store.file_rows import Outdated

EVERY_MS = 60 * 60_000
DAY_MS = 24 * 60 * 60_000
AT_ONCE = 100

log = logging.getLogger(__name__)


class Retention:
    """The body of the loop that does it, once an hour."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._artefacts = context.artefacts
        self._clock = context.clock
        self._keep_ms = context.limits.keep_days * DAY_MS
        self._next_ms = 0

    async def run(self, beat: Callable[[], None]) -> None:
        """Go round until cancelled."""
        while True:
            beat()
            if self._clock.now_ms() >= self._next_ms and not await self.sweep():
                self._next_ms = self._clock.now_ms() + EVERY_MS
            await self._clock.sleep(LOOK_AGAIN_S)

    async def drain(self) -> None:
        """Nothing is ever half done: the file goes first, and going again is no error."""

    async def sweep(self) -> bool:
        """Remove some of what is due, results first; whether there may be more."""
        before_ms = self._clock.now_ms() - self._keep_ms
        results = await self._database.read(lambda: file_rows.outdated(before_ms, AT_ONCE))
        await self._remove(results)
        inputs = await self._database.read(lambda: file_rows.outdated_inputs(before_ms, AT_ONCE))
        await self._remove(inputs)
        if results or inputs:
            log.info("%s results and %s inputs had been kept for their days", len(results), len(inputs))
        return AT_ONCE in (len(results), len(inputs))

    async def _remove(self, due: Sequence[Outdated]) -> None:
        for file in due:
            await self._artefacts.remove(file.path)
            now_ms = self._clock.now_ms()
            await self._database.run(lambda file=file, now_ms=now_ms: file_rows.mark_removed(file, now_ms))
