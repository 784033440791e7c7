"""Removes the files of results and of members' inputs after the promised number of days; their rows stay.

The days are counted from the job's last change; for a result that could not be shown at first, from the moment it was
shown. A file that a younger job uses stays as long as that job's own results.
"""

import logging
from collections.abc import Callable, Sequence

from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.store import file_rows
from bot.jobs.store.file_rows import Outdated

EVERY_S = 60 * 60.0
DAY_MS = 24 * 60 * 60_000
AT_ONCE = 100

log = logging.getLogger(__name__)


class Retention:
    """The body of the loop that removes outdated files, once an hour."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._artefacts = context.artefacts
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._keep_ms = context.limits.keep_days * DAY_MS
        self._next_s = 0.0

    async def run(self, beat: Callable[[], None]) -> None:
        """Sweep every hour until cancelled."""
        while True:
            beat()
            if self._clock.monotonic_s() >= self._next_s and not await self.sweep():
                self._next_s = self._clock.monotonic_s() + EVERY_S
            await self._clock.sleep(LOOK_AGAIN_S)

    async def drain(self) -> None:
        """Do nothing: the file is removed before its row is changed, and removing it again is harmless."""

    async def sweep(self) -> bool:
        """Remove some outdated files, results first; return whether there may be more."""
        # Files cannot be restored, so the clock of a machine that may have been set ahead must not decide alone.
        before_ms = min(self._clock.now_ms(), self._discord_clock.now_ms()) - self._keep_ms
        results = await self._database.read(lambda: file_rows.outdated(before_ms, AT_ONCE))
        await self._remove(results)
        inputs = await self._database.read(lambda: file_rows.outdated_inputs(before_ms, AT_ONCE))
        await self._remove(inputs)
        if results or inputs:
            log.info("removed the outdated files of %s results and %s inputs", len(results), len(inputs))
        return AT_ONCE in (len(results), len(inputs))

    async def _remove(self, due: Sequence[Outdated]) -> None:
        for file in due:
            # The file goes first. In the other order, a crash in between would leave a file that no row mentions.
            try:
                await self._artefacts.remove(file.path)
            except OSError as error:  # one file that the disk does not let go must not keep all others
                log.warning("the outdated file %s of job %s cannot be removed: %s", file.path, file.job, error)
                continue
            now_ms = self._clock.now_ms()
            await self._database.run(lambda file=file, now_ms=now_ms: file_rows.mark_removed(file, now_ms))
