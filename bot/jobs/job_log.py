"""Adds ids to the log lines that are written for a job: its own, its guild's, and that of the interaction."""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import cast

from bot.errors import StorageError
from bot.jobs.records import Job
from bot.log_context import logged, now_logged
from bot.storage.operation import Database, Operation, Statement

REMEMBERED = 20_000
"""How many jobs are remembered; the ids of others are read again."""


def logged_job(job: Job) -> AbstractContextManager[None]:
    """Add the ids of this job to the log lines that are written inside the block."""
    return logged(interaction=job.order_key, guild=job.guild, job=job.id)


class JobLog:
    """Knows the guild and the interaction of each job; the engine often knows only the job's id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def learn(self, job: Job) -> None:
        """Remember a job, so that it need not be read."""
        self._remember(job.id, (job.guild, job.order_key))

    async def name(self, job: str) -> None:
        """Add the ids of a job to the rest of the current task's log lines."""
        now_logged(job=job)
        guild, interaction = await self._ids(job)
        now_logged(interaction=interaction, guild=guild)

    @asynccontextmanager
    async def of(self, job: str) -> AsyncGenerator[None]:
        """Add the ids of a job to the log lines written inside the block, in a task that handles several jobs."""
        guild, interaction = await self._ids(job)
        with logged(interaction=interaction, guild=guild, job=job):
            yield

    async def _ids(self, job: str) -> tuple[int, int]:
        """Return a job's guild and interaction; zeros if they cannot be read: the step will report that."""
        known = self._known.get(job)
        if known is None:
            try:
                known = await self._database.read(lambda: _ids_of(job))
            except StorageError:
                return 0, 0
            if known is None:
                return 0, 0
            self._remember(job, known)
        return known

    def _remember(self, job: str, ids: tuple[int, int]) -> None:
        self._known[job] = ids
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _ids_of(job: str) -> Operation[tuple[int, int] | None]:
    rows = yield Statement("SELECT guild, interaction FROM job WHERE id = $1", job)
    return cast("tuple[int, int]", tuple(rows[0])) if rows else None
