"""Finishes takedowns: deletes the messages of results, remembers what their pictures look like, and erases the files.

Each part can be repeated after a crash. A picture is described before its file is removed, and the message goes first,
because people can see it.
"""

import logging
import random
from collections.abc import Sequence

from bot.errors import StorageError, UnusableFile
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import takedowns
from bot.jobs.ports import Messenger
from bot.jobs.records import LIVE, Deleter, Job, Posting, State
from bot.jobs.store import file_rows, pause_rows, posted_message_rows, result_message_rows, takedown_rows
from bot.jobs.store.pause_rows import Step

MOST_TRIES = 24
"""How often deleting a message is tried, with pauses of up to an hour."""

LONGEST_MS = 60 * 60_000

log = logging.getLogger(__name__)


class TakedownFinisher:
    """Takes the steps of the takedown loop."""

    def __init__(self, context: EngineContext, messenger: Messenger) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._artefacts = context.artefacts
        self._media = context.media
        self._clock = context.clock
        self._checkpoints = context.checkpoints
        self._messenger = messenger

    async def step(self, job: str) -> None:
        """Do the remaining parts of the takedown of one job."""
        takedown = await self._database.read(lambda: takedown_rows.left(job))
        if takedown is None:
            return
        snapshot = await self._snapshots.get(job)
        remaining = await self._delete(snapshot.job)
        if snapshot.job.state in LIVE | {State.DELIVERING}:
            await self._again(job)  # its hold and its files are still being dealt with
            return
        if not takedown.erased:
            await self._erase(job)
        if remaining and await self._again(job) < MOST_TRIES:
            return
        if remaining:
            log.warning("messages of job %s could not be deleted: %s", job, remaining)
        await self._database.run(lambda: takedown_rows.done(job))
        await self._checkpoints.reached(Checkpoint.TAKEN_DOWN, job)

    async def stuck(self, job: str, error: Exception) -> None:
        """Try again later, after a step failed because of a bug or fault in Easel."""
        log.warning("the takedown of job %s waits: %r", job, error)
        await self._again(job)

    async def _delete(self, job: Job) -> tuple[Posting, ...]:
        """Delete every message that shows a job, and return those that could not be deleted now."""
        postings = await self._database.read(lambda: posted_message_rows.standing(job.id))
        return tuple([posting for posting in postings if not await self._delete_one(job, posting)])

    async def _delete_one(self, job: Job, posting: Posting) -> bool:
        if not await self._messenger.delete(job, posting):
            return False
        now_ms = self._clock.now_ms()
        await self._database.run(
            lambda: result_message_rows.deleted(job.id, posting.message, Deleter.MODERATOR, now_ms)
        )
        return True

    async def _erase(self, job: str) -> None:
        files = await self._database.read(lambda: file_rows.own_files(job))
        looks = await self._looks(job, [file for file in files if isinstance(file.place, int)])
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: takedowns.erase(job, looks, now_ms))
        await self._checkpoints.reached(Checkpoint.LOOKS_KEPT, job)
        for file in files:
            await self._artefacts.remove(file.path)
        await self._database.run(lambda: takedowns.erased(job, files, now_ms))

    async def _looks(self, job: str, files: Sequence[file_rows.Outdated]) -> tuple[str, ...]:
        """Return the looks of a job's pictures; those that cannot be read are left out."""
        found: list[str] = []
        for file in files:
            media = self._media.counting(f"{job}/{file.place}")
            try:
                with self._artefacts.temporary() as copy, self._artefacts.temporary() as temporary:
                    found += await media.looks(await self._artefacts.fetch(file.path, copy), temporary)
            except StorageError:  # a full disk, or a bucket that does not answer: try again later
                raise
            except (UnusableFile, OSError, ValueError) as error:
                log.warning("the look of %s is not known, so it can come back: %s", file.path, error)
        return tuple(dict.fromkeys(found))

    async def _again(self, job: str) -> int:
        now_ms, jitter = self._clock.now_ms(), random.random()
        return await self._database.run(
            lambda: pause_rows.postpone(job, Step.TAKEDOWN, now_ms, jitter=jitter, longest_ms=LONGEST_MS)
        )
