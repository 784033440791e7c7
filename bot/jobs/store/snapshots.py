"""Reads jobs as records, with their tokens decrypted: one statement per table, however many jobs are read.

A job that cannot be read, such as one that a later version wrote, is left out of lists; reading it by id fails.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TypeVar, cast

from bot.catalogue import serial
from bot.clock import Clock
from bot.errors import NotFound, StorageError
from bot.jobs.ids import parse_short_id
from bot.jobs.records import LIVE, WITHOUT_RESULT, EndNotice, Job, Rung, Snapshot, State, Visibility
from bot.jobs.store import (
    file_rows,
    job_listing_rows,
    job_rows,
    lineage_rows,
    prediction_rows,
    wait_rows,
)
from bot.jobs.store.duration_cache import UsualTimes
from bot.jobs.store.duration_rows import Kind
from bot.jobs.store.job_rows import WrittenJob, new_job
from bot.jobs.store.wait_rows import QueuedJob
from bot.jobs.waits import SlotLimits, Wait
from bot.ledger import queries
from bot.preferences import preference_rows as preferences
from bot.preferences.preference_records import Ping
from bot.storage.operation import Database, Operation, Row
from bot.storage.secret_key import SecretKey

T = TypeVar("T")
K = TypeVar("K", int, str)

NOT_BEGUN = frozenset({State.ACCEPTED, State.WAITING})

KEPT = 256
"""How many orders, plans and tokens are remembered: those of the jobs whose steps are being taken now."""

log = logging.getLogger(__name__)

Place = tuple[int, int]
"""A guild, and a member or payer there."""


class Snapshots:
    """Reads the facts about jobs that a card or a delivery needs. Each method is one read of the database."""

    def __init__(self, database: Database, secret_key: SecretKey, clock: Clock, slots: SlotLimits) -> None:
        self._database = database
        self._clock = clock
        self._slots = slots
        self._usual = UsualTimes()
        # A job's order never changes, and is read at each of its steps.
        self._order = lru_cache(maxsize=KEPT)(serial.load_order)
        self._plan = lru_cache(maxsize=KEPT)(serial.load_plan)
        self._decrypted = lru_cache(maxsize=KEPT)(secret_key.decrypt)

    async def get(self, job: str) -> Snapshot:
        """Return one job as it stands. Raises NotFound, and StorageError if its record cannot be read."""
        return await self._database.read(lambda: self.within(job))

    async def outline(self, job: str) -> Snapshot:
        """Return one job with its runs and results only, for steps that show nothing. Raises as `get` does."""
        return await self._database.read(lambda: self._outline(job))

    def _outline(self, job: str) -> Operation[Snapshot]:
        with _readable(job):
            row = (yield from job_rows.by_ids([job])).get(job)
            found = None if row is None else self._job(row)
        if found is None:
            raise NotFound(what="job", name=job)
        predictions = yield from prediction_rows.of_job(job)
        artefacts = () if found.state in NOT_BEGUN | WITHOUT_RESULT else (yield from file_rows.artefacts_of(job))
        return Snapshot(found, predictions, artefacts, 0)

    def of_new(self, written: WrittenJob) -> Operation[Snapshot]:
        """Return a job as the same transaction has just written it, without reading it back."""
        job = new_job(written)
        places = [(job.guild, job.payer)]
        available = yield from _by_guild(queries.available, places)
        waits = yield from self._waits([job])
        lineage = (yield from lineage_rows.of_jobs([job.id])) if written.new.origin.parent else {}
        kind = Kind.of(job.order, job.plan)
        usual = yield from self._usual.of_kinds([kind])
        pings = yield from preferences.pings(job.guild, [job.member])
        return Snapshot(
            job,
            prediction_rows.intended(job.id, [request.outputs for request in job.plan.requests]),
            (),
            available.get((job.guild, job.payer), 0),
            wait=waits.get(job.id),
            lineage=lineage.get(job.id),
            usual=usual[kind],
            ping=pings.get(job.member, Ping.LONG),
        )

    async def is_readable(self, job: str) -> bool:
        """Return whether the record of a job can be read."""
        try:
            await self._database.read(lambda: self._read([job]))
        except ValueError:
            return False
        return True

    def within(self, job: str) -> Operation[Snapshot]:
        """Read one job as part of a larger operation, so that no second round-trip is needed.

        Raises NotFound, and StorageError if its record cannot be read.
        """
        return _found((yield from self._read_one(job)), job)

    async def find(self, guild: int, short_id: str) -> Snapshot:
        """Return the job with this short id, as a person typed it. Raises NotFound."""
        return _found(await self._one(lambda: job_rows.id_of_short(guild, parse_short_id(short_id))), short_id)

    async def of_message(self, guild: int, message: int) -> Snapshot | None:
        """Return the job that a message shows; None if it shows none of Easel's jobs."""
        return await self._one(lambda: job_rows.id_of_message(guild, message))

    async def of_member(self, guild: int, member: int, states: Collection[State], limit: int) -> tuple[Snapshot, ...]:
        """Return a member's jobs in these states, newest first."""

        def ids() -> Operation[list[str]]:
            newest = yield from job_listing_rows.newest_of_member(guild, member, states, limit)
            return [one.id for one in newest]

        return await self._many(ids)

    async def of_ids(self, jobs: Collection[str]) -> tuple[Snapshot, ...]:
        """Return the jobs among these that exist and can be read."""

        def ids() -> Operation[list[str]]:
            yield from ()
            return list(jobs)

        return await self._many(ids)

    async def in_line(self, others: Collection[str], holder: int = 0) -> Sequence[tuple[QueuedJob, Wait | None]]:
        """Return all jobs of this process that have not begun, oldest first, followed by `others`, with their waits.

        There may be thousands of jobs, so nothing else about them is read, and each guild is read separately, so that
        other reads can come in between.
        """
        line = await self._database.read(lambda: wait_rows.in_line(others, holder))
        waits: dict[str, Wait] = {}
        for guild, jobs in _grouped((one.guild, one.id) for one in line if one.state in NOT_BEGUN).items():
            waits |= await self._database.read(partial(self._waits_in, guild, jobs))
        return [(one, waits.get(one.id)) for one in line]

    async def _one(self, job: Callable[[], Operation[str | None]]) -> Snapshot | None:
        def read() -> Operation[Snapshot | None]:
            found = yield from job()
            return None if found is None else (yield from self._read_one(found))

        return await self._database.read(read)

    async def _many(self, jobs: Callable[[], Operation[list[str]]]) -> tuple[Snapshot, ...]:
        def read() -> Operation[tuple[Snapshot, ...]]:
            return (yield from self.readable((yield from jobs())))

        return await self._database.read(read)

    def _read_one(self, job: str) -> Operation[Snapshot | None]:
        with _readable(job):
            return next(iter((yield from self._read([job]))), None)

    def readable(self, ids: Collection[str]) -> Operation[tuple[Snapshot, ...]]:
        """Read these jobs in this order, leaving out those that cannot be read."""
        try:
            return (yield from self._read(ids))
        except ValueError:
            log.warning("a list of %s jobs is read job by job, because one of them cannot be read", len(ids))
        found: list[Snapshot] = []
        for job in ids:
            try:
                found += yield from self._read([job])
            except ValueError as error:
                log.error("job %s is left out of a list: %s", job, error)  # noqa: TRY400 - the error says it all
        return tuple(found)

    def _read(self, ids: Collection[str]) -> Operation[tuple[Snapshot, ...]]:
        """Read these jobs in this order; jobs whose records are gone are left out."""
        rows = yield from job_rows.by_ids(ids)
        jobs = [self._job(rows[job]) for job in ids if job in rows]
        predictions = yield from prediction_rows.of_jobs(rows)
        artefacts = yield from file_rows.artefacts_of_jobs([job.id for job in jobs if job.state not in NOT_BEGUN])
        available = yield from _by_guild(queries.available, {(job.guild, job.payer) for job in jobs})
        waits = yield from self._waits(jobs)
        lineage = yield from lineage_rows.of_jobs(rows)
        # Only cards of live jobs show an estimate.
        kinds = {job.id: Kind.of(job.order, job.plan) for job in jobs if job.state in LIVE}
        usual = yield from self._usual.of_kinds(frozenset(kinds.values()))
        pings = yield from _by_guild(preferences.pings, {(job.guild, job.member) for job in jobs if _is_untold(job)})
        return tuple(
            Snapshot(
                job,
                predictions[job.id],
                # Nobody paid for stored results of a job that ended without a result, so no card, message or new order
                # may use them.
                artefacts.get(job.id, ()) if job.state not in WITHOUT_RESULT else (),
                available.get((job.guild, job.payer), 0),
                wait=waits.get(job.id),
                lineage=lineage.get(job.id),
                usual=usual[kinds[job.id]] if job.id in kinds else None,
                ping=pings.get((job.guild, job.member), Ping.LONG),
                by_dm=bool(rows[job.id][32]),
            )
            for job in jobs
        )

    def _waits(self, jobs: Iterable[Job]) -> Operation[dict[str, Wait]]:
        """Return the waits of the waiting jobs among these. A new job is in line before its card is accepted."""
        found: dict[str, Wait] = {}
        for guild, waiting in _grouped((job.guild, job.id) for job in jobs if job.state in NOT_BEGUN).items():
            found |= yield from self._waits_in(guild, waiting)
        return found

    def _waits_in(self, guild: int, jobs: Collection[str]) -> Operation[dict[str, Wait]]:
        return wait_rows.waits_of(guild, jobs, self._slots, self._clock.now_ms())

    def _job(self, row: Row) -> Job:
        ids = cast("tuple[str, str, int, int, int, int]", tuple(row[:6]))
        held_mcr, captured_mcr = cast("tuple[int, int]", tuple(row[9:11]))
        locale, guild_locale, order_key, application = cast("tuple[str, str, int, int]", tuple(row[12:16]))
        times = cast("tuple[int, int, int, int, int, int]", tuple(row[17:23]))
        return Job(
            *ids,
            state=State(cast("str", row[6])),
            order=self._order(cast("str", row[7])),
            plan=self._plan(cast("str", row[8])),
            held_mcr=held_mcr,
            captured_mcr=captured_mcr,
            visibility=Visibility(cast("str", row[11])),
            locale=locale,
            guild_locale=guild_locale,
            order_key=order_key,
            application=application,
            token=self._token(cast("str", row[0]), cast("bytes", row[16])),
            token_created_ms=times[0],
            filesize_limit=times[1],
            message=times[2],
            created_ms=times[3],
            updated_ms=times[4],
            deadline_ms=times[5],
            cancel_asked_ms=cast("int | None", row[23]),
            failure=job_rows.failure_in(row),
            notice=EndNotice(cast("str", row[26])),
            shown_by=None if row[27] is None else Rung(cast("str", row[27])),
            removed_by=cast("int", row[28]),
            cancelled_by=cast("int | None", row[29]),
            taken_down=cast("int", row[30]),
            spoiler=bool(row[31]),
        )

    def _token(self, job: str, encrypted: bytes) -> str:
        """Decrypt an interaction token.

        Returns "" if it was erased, or encrypted with another key: the other rungs need no token.
        """
        if not encrypted:
            return ""
        try:
            return self._decrypted(encrypted)
        except StorageError as error:
            log.warning("job %s: %s", job, error)
            return ""


@contextmanager
def _readable(job: str) -> Generator[None]:
    """Explain what to do about a record that cannot be read."""
    try:
        yield
    except ValueError as error:
        fix = "Run the version of Easel that wrote it, or restore a backup"
        raise StorageError(problem=f"the record of job {job} cannot be read: {error}", fix=fix) from error


def _found(snapshot: Snapshot | None, name: str) -> Snapshot:
    if snapshot is None:
        raise NotFound(what="job", name=name)
    return snapshot


def _is_untold(job: Job) -> bool:
    """Whether the end of the job still has to be shown to its member."""
    return job.state in LIVE | {State.DELIVERING} or job.notice is EndNotice.DUE


def _by_guild(
    read: Callable[[int, Collection[int]], Operation[dict[int, T]]], people: Collection[Place]
) -> Operation[dict[Place, T]]:
    """Read facts about people in several guilds, with one statement per guild. There is rarely more than one guild."""
    found: dict[Place, T] = {}
    for guild, members in _grouped(people).items():
        found |= {(guild, member): value for member, value in (yield from read(guild, members)).items()}
    return found


def _grouped(pairs: Iterable[tuple[int, K]]) -> dict[int, list[K]]:
    groups: defaultdict[int, list[K]] = defaultdict(list)
    for guild, value in pairs:
        groups[guild].append(value)
    return groups
