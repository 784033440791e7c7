"""Removes the files of results and of members' inputs after the promised number of days; their rows stay.

The days are counted from the job's last change; for a result that could not be shown at first, from the moment it was
shown. A file that a younger job uses stays as long as that job's own results.
"""

import logging
from collections.abc import Callable, Sequence

from bot.errors import StorageError
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.store import file_rows
from bot.jobs.store.file_rows import Outdated

EVERY_S = 60 * 60.0
DAY_MS = 24 * 60 * 60_000
AT_ONCE = 100
MOST_FAILURES = 1_000
"""When so many files could not be removed, the disk is out of order, and the rest waits for the next hour."""

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
        self._failed: set[Outdated] = set()

    async def run(self, beat: Callable[[], None]) -> None:
        """Sweep every hour until cancelled."""
        while True:
            beat()
            if self._clock.monotonic_s() >= self._next_s and not await self.sweep():
                self._next_s = self._clock.monotonic_s() + EVERY_S
                self._failed.clear()
            await self._clock.sleep(LOOK_AGAIN_S)

    async def drain(self) -> None:
        """Do nothing: the file is removed before its row is changed, and removing it again is harmless."""

    async def sweep(self) -> bool:
        """Remove some outdated files, results first; return whether there may be more."""
        # Files cannot be restored, so the clock of a machine that may have been set ahead must not decide alone.
        before_ms = min(self._clock.now_ms(), self._discord_clock.now_ms()) - self._keep_ms
        # Files that cannot be removed are still due, so that many more rows are read.
        most = AT_ONCE + len(self._failed)
        results = await self._remove(await self._database.read(lambda: file_rows.outdated(before_ms, most)))
        inputs = await self._remove(await self._database.read(lambda: file_rows.outdated_inputs(before_ms, most)))
        if results or inputs:
            log.info("removed the outdated files of %s results and %s inputs", results, inputs)
        return len(self._failed) < MOST_FAILURES and AT_ONCE in (results, inputs)

    async def _remove(self, due: Sequence[Outdated]) -> int:
        """Remove these files, and return how many were tried. One that fails is tried again in the next hour."""
        fresh = [file for file in due if file not in self._failed][:AT_ONCE]
        for file in fresh:
            try:
                await self._remove_one(file)
            except (OSError, ValueError, StorageError) as error:  # one file must not keep the others
                self._failed.add(file)
                log.warning("the outdated file %s of job %s cannot be removed: %s", file.path, file.job, error)
        return len(fresh)

    async def _remove_one(self, file: Outdated) -> None:
        # The file goes first. In the other order, a crash in between would leave a file that no row mentions.
        await self._artefacts.remove(file.path)
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: file_rows.mark_removed(file, now_ms))
