"""Reads jobs as records: what the database has of them, with their tokens opened."""

import logging
from collections.abc import Collection
from typing import NamedTuple, cast

from bot.catalogue import serial
from bot.errors import NotFound, StorageError
from bot.jobs.durations import Usual
from bot.jobs.ids import read_short_id
from bot.jobs.records import LIVE, Artefact, Job, Lineage, Notice, Prediction, Snapshot, State, Visibility
from bot.jobs.store import duration_rows, favourite_rows, file_rows, job_rows, lineage_rows, prediction_rows
from bot.ledger import queries
from bot.preferences import preference_rows as preferences
from bot.preferences.preference import Ping
from bot.storage.operation import Database, Operation, Row
from bot.storage.seal import Seal

log = logging.getLogger(__name__)


class _Pieces(NamedTuple):
    """What a snapshot is made of, as it was read; its fields are the snapshot's."""

    row: Row
    predictions: tuple[Prediction, ...]
    artefacts: tuple[Artefact, ...]
    balance_mcr: int
    position: int | None
    lineage: Lineage | None
    queued: int
    usual: Usual | None
    ping: Ping


class Snapshots:
    """What a card or a delivery needs to know of jobs."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def get(self, job: str) -> Snapshot:
        """One job as it stands. Raises NotFound."""
        found = await self._database.read(lambda: _pieces([job]))
        if not found:
            raise NotFound(what="job", name=job)
        return self._snapshot(found[0])

    async def find(self, guild: int, short_id: str) -> Snapshot:
        """The job that somebody read out. Raises NotFound."""
        job = await self._database.read(lambda: job_rows.id_of_short(guild, read_short_id(short_id)))
        if job is None:
            raise NotFound(what="job", name=short_id)
        return await self.get(job)

    async def of_message(self, guild: int, message: int) -> Snapshot | None:
        """The job that a message shows; None where it shows none of ours."""
        job = await self._database.read(lambda: job_rows.id_of_message(guild, message))
        return None if job is None else await self.get(job)

    async def of_member(self, guild: int, member: int, states: Collection[State], limit: int) -> tuple[Snapshot, ...]:
        """A member's jobs in these states, newest first."""

        def pieces() -> Operation[list[_Pieces]]:
            return (yield from _pieces((yield from job_rows.ids_of_member(guild, member, states, limit))))

        return tuple(self._snapshot(found) for found in await self._database.read(pieces))

    async def favourites(self, guild: int, member: int, limit: int) -> tuple[Snapshot, ...]:
        """The jobs of a guild that a member marked, newest first."""

        def pieces() -> Operation[list[_Pieces]]:
            return (yield from _pieces((yield from favourite_rows.newest(guild, member, limit))))

        return tuple(self._snapshot(found) for found in await self._database.read(pieces))

    def _snapshot(self, pieces: _Pieces) -> Snapshot:
        return Snapshot(self._job(pieces.row), *pieces[1:])

    def _job(self, row: Row) -> Job:
        ids = cast("tuple[str, str, int, int, int, int]", tuple(row[:6]))
        held_mcr, captured_mcr = cast("tuple[int, int]", tuple(row[9:11]))
        locale, guild_locale, interaction, application = cast("tuple[str, str, int, int]", tuple(row[12:16]))
        times = cast("tuple[int, int, int, int, int, int]", tuple(row[17:23]))
        return Job(
            *ids,
            state=State(cast("str", row[6])),
            order=serial.load_order(cast("str", row[7])),
            plan=serial.load_plan(cast("str", row[8])),
            held_mcr=held_mcr,
            captured_mcr=captured_mcr,
            visibility=Visibility(cast("str", row[11])),
            locale=locale,
            guild_locale=guild_locale,
            interaction=interaction,
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
            notice=Notice(cast("str", row[26])),
        )

    def _token(self, job: str, sealed: bytes) -> str:
        """The interaction's token, or none at all where it was sealed with another key: there are other rungs."""
        try:
            return self._seal.open(sealed)
        except StorageError as error:
            log.warning("job %s: %s", job, error)
            return ""


def _pieces(jobs: Collection[str]) -> Operation[list[_Pieces]]:
    found: list[_Pieces] = []
    for job in jobs:
        row = yield from job_rows.by_id(job)
        if row is None:
            continue
        guild, member, payer = cast("tuple[int, int, int]", (row[2], row[4], row[5]))
        state, created_ms = cast("tuple[str, int]", (row[6], row[20]))
        predictions = yield from prediction_rows.of_job(job)
        artefacts = yield from file_rows.artefacts_of(job)
        balance = yield from queries.balance(guild, payer)
        position, queued = None, 0
        if state == State.WAITING:
            position = (yield from job_rows.waiting_before(guild, created_ms, job)) + 1
            queued = yield from job_rows.waiting_in(guild)
        lineage = yield from lineage_rows.of_job(job)
        usual = (yield from duration_rows.usual_of_job(job)) if state in LIVE else None
        ping = (yield from preferences.ping(guild, member)) if _is_untold(row) else Ping.LONG
        pieces = (predictions, artefacts, balance.available_mcr, position, lineage, queued, usual, ping)
        found.append(_Pieces(row, *pieces))
    return found


def _is_untold(row: Row) -> bool:
    """Whether its member has not been told how the job ended."""
    return row[6] in LIVE | {State.DELIVERING} or row[26] == Notice.DUE
