"""Removes the files of results and of members' inputs after the promised number of days; their rows stay.

The days are counted from the job's last change; for a result that could not be shown at first, from the moment it was
shown (`outdated` in `bot/jobs/store/file_rows.py`). A file that a younger job uses is kept as long as that job's own
results. A file without a row, left by a crash before the row was written, is removed after the same period; if the
database does not know its job, it is left to `easel check`.
"""

import logging
from collections.abc import Callable, Sequence

from bot.errors import StorageError
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.store import file_rows, job_rows
from bot.jobs.store.file_rows import FIRST, FIRST_INPUT, Outdated

EVERY_S = 60 * 60.0
STRAYS_EVERY_S = 24 * 60 * 60.0
"""How often the whole store is searched for files without a row."""

DAY_MS = 24 * 60 * 60_000
AT_ONCE = 100
MOST_FAILURES = 1_000
"""If this many files cannot be removed, the disk has failed. The next hourly sweep continues with the files that
follow."""

log = logging.getLogger(__name__)


class Retention:
    """The body of the loop that removes outdated files, once an hour."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._job_log = context.job_log
        self._artefacts = context.artefacts
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._keep_ms = context.limits.keep_days * DAY_MS
        self._next_s = self._next_strays_s = 0.0
        self._result, self._input = FIRST, FIRST_INPUT
        self._failures = 0

    async def run(self, beat: Callable[[], None]) -> None:
        """Remove outdated files every hour until cancelled."""
        while True:
            beat()
            now_s = self._clock.monotonic_s()
            if now_s >= self._next_s and not await self.sweep():
                self._next_s, self._failures = now_s + EVERY_S, 0
            if now_s >= self._next_strays_s:
                searched = await self._search_for_strays()
                self._next_strays_s = now_s + (STRAYS_EVERY_S if searched else EVERY_S)
            await self._clock.sleep(LOOK_AGAIN_S)

    async def drain(self) -> None:
        """Do nothing: the file is removed before its row is changed, and removing it again is harmless."""

    async def sweep(self) -> bool:
        """Remove the next outdated files, results first; return whether there may be more to try in this hour."""
        before_ms = self._before_ms()
        results = await self._database.read(lambda: file_rows.outdated(before_ms, self._result, AT_ONCE))
        inputs = await self._database.read(lambda: file_rows.outdated_inputs(before_ms, self._input, AT_ONCE))
        await self._remove(results)
        await self._remove(inputs)
        if results or inputs:
            log.info("tried to remove the outdated files of %s results and %s inputs", len(results), len(inputs))
        # After the last page, the next hourly sweep starts again with files that could not be removed.
        self._result = (results[-1].job, int(results[-1].place)) if len(results) == AT_ONCE else FIRST
        self._input = (inputs[-1].job, str(inputs[-1].place)) if len(inputs) == AT_ONCE else FIRST_INPUT
        more = (self._result, self._input) != (FIRST, FIRST_INPUT)
        return more and self._failures < MOST_FAILURES

    def _before_ms(self) -> int:
        # Files cannot be restored, so the machine's clock, which may have been set ahead, must not decide alone.
        return min(self._clock.now_ms(), self._discord_clock.now_ms()) - self._keep_ms

    async def _remove(self, due: Sequence[Outdated]) -> None:
        """Remove these files. A file that cannot be removed is tried again in a later hour."""
        for file in due:
            async with self._job_log.of(file.job):
                await self._try_to_remove(file)

    async def _try_to_remove(self, file: Outdated) -> None:
        try:
            await self._remove_one(file)
        except (OSError, ValueError, StorageError) as error:  # one file must not keep the others from being removed
            self._failures += 1
            log.warning("the outdated file %s of job %s cannot be removed: %s", file.path, file.job, error)

    async def _remove_one(self, file: Outdated) -> None:
        # The file goes first. In the other order, a crash in between would leave a file that no row mentions.
        await self._artefacts.remove(file.path)
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: file_rows.mark_removed(file, now_ms))

    async def _search_for_strays(self) -> bool:
        """Remove files without a row; return whether the store could be searched. A bucket may not answer for hours."""
        try:
            await self._remove_strays()
        except (OSError, StorageError) as error:
            log.warning("the store cannot be searched for files without a row: %s", error)
            return False
        return True

    async def _remove_strays(self) -> None:
        before_ms = self._before_ms()
        stored = await self._artefacts.list_files()  # before the rows are read: a row is written after its file
        known = await self._database.read(file_rows.known_paths)
        strays = [(one.name.partition("-")[0], one.path) for one in stored if one.path.as_posix() not in known]
        jobs = {job for job, _ in strays}
        ended = await self._database.read(lambda: job_rows.ended_before(jobs, before_ms))
        for job, path in strays:
            if job in ended:
                async with self._job_log.of(job):
                    log.info("the file %s of job %s is removed: no row knows it", path, job)
                    await self._remove_stray(path.as_posix())

    async def _remove_stray(self, path: str) -> None:
        try:
            await self._artefacts.remove(path)
        except (OSError, ValueError, StorageError) as error:
            log.warning("the file %s cannot be removed: %s", path, error)
