"""The table `prediction`: the create calls of jobs and their runs."""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.errors import Failure
from bot.jobs.records import OPEN_PREDICTIONS, Prediction, PredictionState
from bot.jobs.store.json_columns import failure_of, failure_values, outputs_of, outputs_text
from bot.storage.operation import Operation, Row, Statement, select_in

COLUMNS = (
    "job, number, state, provider_id, outputs, expected, seed, step, steps, submitted_ms, created_ms, started_ms, "
    "completed_ms, polled_ms, failure_key, failure_facts, phase"
)
_Number = int | None
_Numbers = tuple[_Number, _Number, _Number, _Number, _Number, _Number, _Number, _Number]

# The order of the states matters: to use the index `prediction_open`, a query has to repeat its condition exactly.
OPEN = ", ".join(f"'{state.value}'" for state in OPEN_PREDICTIONS)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The facts that the provider reports about a run, apart from how it ended."""

    seed: int | None
    step: int | None
    steps: int | None
    created_ms: int | None
    started_ms: int | None
    completed_ms: int | None
    phase: str | None = None


def insert(job: str, expected: Sequence[int]) -> Operation[None]:
    """Write the predictions that a job intends, one for each request of its plan."""
    for number, outputs in enumerate(expected, start=1):
        yield Statement(
            "INSERT INTO prediction (job, number, state, expected) VALUES ($1, $2, 'intended', $3)",
            job,
            number,
            outputs,
        )


def intended(job: str, expected: Sequence[int]) -> tuple[Prediction, ...]:
    """Return the predictions that `insert` writes."""
    nothing = (None,) * 8
    return tuple(
        Prediction(job, number, PredictionState.INTENDED, None, (), outputs, *nothing, failure=None)
        for number, outputs in enumerate(expected, start=1)
    )


def of_job(job: str) -> Operation[tuple[Prediction, ...]]:
    """Return a job's predictions by number."""
    return (yield from of_jobs([job]))[job]


def of_jobs(jobs: Collection[str]) -> Operation[dict[str, tuple[Prediction, ...]]]:
    """Return the predictions of each of these jobs, by number."""
    found: dict[str, tuple[Prediction, ...]] = dict.fromkeys(jobs, ())
    rows = yield from select_in(f"SELECT {COLUMNS} FROM prediction WHERE job IN ({{keys}}) ORDER BY job, number", jobs)
    for prediction in map(_prediction, rows):
        found[prediction.job] += (prediction,)
    return found


def intend(job: str, number: int, sent_sha256: str, at_ms: int) -> Operation[bool]:
    """Record that a create is about to be sent: after a crash from here on, its outcome is unknown."""
    rows = yield Statement(
        "UPDATE prediction SET state = 'submitting', sent_sha256 = $3, submitted_ms = $4 "
        "WHERE job = $1 AND number = $2 AND state = 'intended' RETURNING number",
        job,
        number,
        sent_sha256,
        at_ms,
    )
    return bool(rows)


def unsend(job: str, number: int) -> Operation[None]:
    """Record that a create was certainly not executed, so that it may be sent again."""
    yield Statement(
        "UPDATE prediction SET state = 'intended', submitted_ms = NULL "
        "WHERE job = $1 AND number = $2 AND state = 'submitting'",
        job,
        number,
    )


class Created(StrEnum):
    """Whether a job still needs a run that the provider has created."""

    KEPT = "kept"
    """Its job is waiting for it."""
    CANCELLING = "cancelling"
    """Its job is waiting for it, and the member has asked to cancel."""
    UNWANTED = "unwanted"
    """Its id belongs to another prediction, or its prediction has ended."""


def created(job: str, number: int, provider_id: str, created_ms: int | None) -> Operation[Created]:
    """Record the id of a run, unless the id belongs to another prediction or this one has ended.

    This may be repeated if it is not known whether the id was stored.
    """
    # Checked first, because adopting runs from the provider's list must never give one run to two predictions.
    known = yield Statement(
        "SELECT p.job, p.number, p.state, j.cancel_asked_ms FROM prediction AS p JOIN job AS j ON j.id = p.job "
        "WHERE p.provider_id = $1",
        provider_id,
    )
    if known:
        *which, cancel_asked_ms = known[0]
        if which != [job, number, PredictionState.RUNNING]:
            return Created.UNWANTED
        return Created.KEPT if cancel_asked_ms is None else Created.CANCELLING
    rows = yield Statement(
        "UPDATE prediction SET state = 'running', provider_id = $3, created_ms = $4 "
        "WHERE job = $1 AND number = $2 AND state = 'submitting' "
        "RETURNING (SELECT cancel_asked_ms FROM job WHERE id = $1)",
        job,
        number,
        provider_id,
        created_ms,
    )
    if not rows:
        return Created.UNWANTED
    return Created.KEPT if rows[0][0] is None else Created.CANCELLING


def observed(job: str, number: int, facts: RunFacts, polled_ms: int) -> Operation[None]:
    """Store what a read reported. A value that an answer leaves out keeps its earlier value."""
    yield Statement(
        "UPDATE prediction SET seed = COALESCE($3, seed), step = COALESCE($4, step), steps = COALESCE($5, steps), "
        "created_ms = COALESCE($6, created_ms), started_ms = COALESCE($7, started_ms), "
        "completed_ms = COALESCE($8, completed_ms), polled_ms = $9, phase = COALESCE($10, phase) "
        "WHERE job = $1 AND number = $2",
        job,
        number,
        facts.seed,
        facts.step,
        facts.steps,
        facts.created_ms,
        facts.started_ms,
        facts.completed_ms,
        polled_ms,
        facts.phase,
    )


def ended(
    job: str,
    number: int,
    state: PredictionState,
    *,
    outputs: tuple[str, ...] = (),
    failure: Failure | None = None,
) -> Operation[bool]:
    """Record how a prediction ended. Return False if it had already ended: only the first end is stored."""
    key, facts = failure_values(failure)
    rows = yield Statement(
        "UPDATE prediction SET state = $3, outputs = $4, failure_key = $5, failure_facts = $6 "
        f"WHERE job = $1 AND number = $2 AND state IN ({OPEN}) RETURNING number",
        job,
        number,
        state,
        outputs_text(outputs),
        key,
        facts,
    )
    return bool(rows)


def cancel_sent(job: str, number: int) -> Operation[None]:
    """Record that the provider was asked to stop this run, or that it cannot be asked."""
    yield Statement("UPDATE prediction SET cancel_sent = 1 WHERE job = $1 AND number = $2", job, number)


def abandon(job: str, number: int) -> Operation[None]:
    """Have the provider asked to stop a run that is no longer needed, even if it was asked before."""
    yield Statement(
        "UPDATE prediction SET abandoned = 1, cancel_sent = 0 "
        "WHERE job = $1 AND number = $2 AND provider_id IS NOT NULL",
        job,
        number,
    )


def adopt_abandoned(job: str, number: int, provider_id: str) -> Operation[bool]:
    """Record the run of a create whose prediction ended before its answer came, to have the run stopped.

    Return False if that id belongs to another prediction, whose run must continue.
    """
    if (yield Statement("SELECT 1 FROM prediction WHERE provider_id = $1", provider_id)):
        return False
    rows = yield Statement(
        "UPDATE prediction SET provider_id = $3, abandoned = 1, cancel_sent = 0 "
        f"WHERE job = $1 AND number = $2 AND provider_id IS NULL AND state NOT IN ({OPEN}) RETURNING number",
        job,
        number,
        provider_id,
    )
    return bool(rows)


@dataclass(frozen=True, slots=True)
class ToStop:
    """A run that the provider is to be asked to stop. The end of an `abandoned` one no longer matters."""

    number: int
    provider_id: str
    abandoned: bool


def to_stop(job: str) -> Operation[tuple[ToStop, ...]]:
    """Return a job's runs that the provider has not been asked to stop: all if a member cancelled the job."""
    rows = yield Statement(
        "SELECT p.number, p.provider_id, p.abandoned FROM prediction p JOIN job j ON j.id = p.job WHERE p.job = $1 "
        "AND p.cancel_sent = 0 AND (p.abandoned = 1 OR (p.state = 'running' AND j.cancel_asked_ms IS NOT NULL)) "
        "ORDER BY p.number",
        job,
    )
    return tuple(
        ToStop(number, run, bool(abandoned)) for number, run, abandoned in cast("list[tuple[int, str, int]]", rows)
    )


def polled_ms(job: str, number: int) -> Operation[int | None]:
    """Return the local time when this run's last stored read began, or when its end was first seen; None if never."""
    rows = yield Statement("SELECT polled_ms FROM prediction WHERE job = $1 AND number = $2", job, number)
    return cast("int | None", rows[0][0]) if rows else None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A create call whose answer is unknown."""

    job: str
    number: int
    sent_sha256: str
    submitted_ms: int
    planned: str


def unanswered(job: str) -> Operation[tuple[Unanswered, ...]]:
    """Return a job's create calls whose answers are unknown."""
    rows = yield Statement(
        "SELECT p.job, p.number, p.sent_sha256, p.submitted_ms, j.planned FROM prediction p JOIN job j ON j.id = p.job "
        "WHERE p.job = $1 AND p.state = 'submitting' ORDER BY p.number",
        job,
    )
    return tuple(Unanswered(*cast("tuple[str, int, str, int, str]", row)) for row in rows)


def known_among(provider_ids: Sequence[str]) -> Operation[set[str]]:
    """Return the provider ids among these that already belong to a prediction."""
    rows = yield from select_in("SELECT provider_id FROM prediction WHERE provider_id IN ({keys})", provider_ids)
    return {cast("str", row[0]) for row in rows}


@dataclass(frozen=True, slots=True)
class Running:
    """A run that is to be read until it ends.

    `since_ms` is when its job began to run, and `polled_ms` when it was last found unfinished, in local time.
    `start_ms` is the time from its creation to its start by the provider's clock, if it has started.
    """

    job: str
    number: int
    provider_id: str
    since_ms: int
    model: str
    polled_ms: int | None
    start_ms: int | None


_RUNNING = (
    # The plan is left out: very many rows are read at startup, and reading the runs at the provider comes first.
    "SELECT p.job, p.number, p.provider_id, j.updated_ms, j.model, p.polled_ms, p.started_ms - p.created_ms "
    "FROM prediction p JOIN job j ON j.id = p.job "
)
_RunningRow = tuple[str, int, str, int, str, int | None, int | None]


def running(after_job: str, after_number: int, limit: int, holder: int = 0) -> Operation[tuple[Running, ...]]:
    """Return a page of the runs of this process that have not ended, in key order, after the given key."""
    # Paged by key and not by OFFSET: runs that end between two pages would shift the rest, and some would be skipped.
    rows = yield Statement(
        f"{_RUNNING} WHERE p.state = 'running' AND p.state IN ({OPEN}) AND j.holder = $4 "
        "AND NOT EXISTS (SELECT 1 FROM comparison c WHERE c.job = p.job) "
        "AND (p.job > $1 OR (p.job = $1 AND p.number > $2)) "
        "ORDER BY p.job, p.number LIMIT $3",
        after_job,
        after_number,
        limit,
        holder,
    )
    return tuple(Running(*cast("_RunningRow", tuple(row))) for row in rows)


def running_of(job: str, holder: int = 0) -> Operation[tuple[Running, ...]]:
    """Return the runs of one job that have not ended, if this process holds the job."""
    rows = yield Statement(
        f"{_RUNNING} WHERE p.state = 'running' AND p.job = $1 AND j.holder = $2 ORDER BY p.number",
        job,
        holder,
    )
    return tuple(Running(*cast("_RunningRow", tuple(row))) for row in rows)


def _prediction(row: Row) -> Prediction:
    numbers = cast("_Numbers", tuple(row[6:14]))
    return Prediction(
        cast("str", row[0]),
        cast("int", row[1]),
        PredictionState(cast("str", row[2])),
        cast("str | None", row[3]),
        outputs_of(row[4]),
        cast("int", row[5]),
        *numbers,
        failure_of(row[14], row[15]),
        cast("str | None", row[16]),
    )
