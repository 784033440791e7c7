"""Queries of the workers: which jobs are due for a step, and in which order, for example which job starts next.

A step is due when its own pauses are over (`pause_rows`) and, for the steps that take a job to its next state, the
job's `retry_ms` has passed too. `holder` is the process whose jobs are queried: 0 if there is only one process
(`holder_rows`).
"""

# ruff: noqa: S608 - only constants of this module and of pause_rows are put into SQL texts; values are parameters
from dataclasses import dataclass
from typing import cast

from bot.jobs.draining import InFlight
from bot.jobs.records import TERMINAL, State
from bot.jobs.store.approval_rows import WAITS_FOR_APPROVAL
from bot.jobs.store.job_rows import IN_PROGRESS
from bot.jobs.store.pause_rows import Step, paused_until
from bot.storage.operation import Operation, SqlValue, Statement

COMPARED = "NOT EXISTS (SELECT 1 FROM comparison c WHERE c.job = j.id)"
"""Nothing is done about a job before it has been compared (see `comparison_rows`)."""

_LATER = "CASE WHEN paused_ms > due_ms THEN paused_ms ELSE due_ms END"

_WAITS = f"j.state = 'waiting' AND {IN_PROGRESS} AND {COMPARED}"

_FILES_MISSING = "(SELECT COUNT(*) FROM input_file f WHERE f.job = j.id) < j.files"

SUBMIT_PAUSED = paused_until(Step.COPY, Step.SUBMIT_FAULT)
"""The time before which a waiting job may not begin, apart from its `retry_ms`."""


@dataclass(frozen=True, slots=True)
class Due:
    """A job that is waiting for a worker, and the time at which its step is due."""

    job: str
    at_ms: int


def unclear_cards(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return accepted jobs whose card Discord may or may not have accepted."""
    paused = paused_until(Step.CARD, Step.CARD_FAULT)
    return (
        yield from _due(
            f"SELECT id, {_LATER} AS at_ms FROM (SELECT j.id, j.retry_ms AS due_ms, {paused} AS paused_ms "
            f"FROM job j WHERE j.state = 'accepted' AND {IN_PROGRESS} AND {COMPARED} AND j.holder = $2) AS found "
            "ORDER BY at_ms LIMIT $1",
            limit,
            holder,
        )
    )


def to_submit(limit: int, per_guild: int, per_member: int, now_ms: int, holder: int = 0) -> Operation[list[Due]]:
    """Return waiting jobs with files to copy or a free slot, and running ones with creates to send or to settle.

    Files are copied at once, even if the job has to wait for a long time or for a moderator, because their links
    expire. Jobs that are due come in the order in which they were made, so one that had to pause is not overtaken
    forever.
    """
    columns = f"j.id, j.retry_ms AS due_ms, {SUBMIT_PAUSED} AS paused_ms, j.created_ms, j.rowid AS made"
    return (
        yield from _due(
            # Slots are counted in SQL: jobs without a free slot would otherwise fill the page and starve the others.
            # `transitions.begin` counts again when it takes the slot.
            f"SELECT id, {_LATER} AS at_ms FROM (SELECT {columns} FROM job j WHERE {_WAITS} "
            f"AND j.holder = $5 AND ({_FILES_MISSING} "
            f"OR (NOT {WAITS_FOR_APPROVAL} "
            "AND (SELECT COUNT(*) FROM job r WHERE r.state = 'running' AND r.guild = j.guild) < $2 "
            "AND (SELECT COUNT(*) FROM job r WHERE r.state = 'running' AND r.guild = j.guild AND r.member = j.member) "
            f"< $3)) UNION ALL SELECT {columns} FROM job j WHERE j.state = 'running' AND {COMPARED} "
            "AND j.holder = $5 "
            # Not EXISTS for each running job: few of them have a create to send or to settle.
            "AND j.id IN (SELECT p.job FROM prediction p WHERE p.state IN ('intended', 'submitting'))) AS found "
            f"ORDER BY MAX({_LATER}, $4), created_ms, made LIMIT $1",
            limit,
            per_guild,
            per_member,
            now_ms,
            holder,
        )
    )


def any_waits() -> Operation[bool]:
    """Return whether any job is waiting, for any reason."""
    return bool((yield Statement(f"SELECT 1 FROM job WHERE state = 'waiting' AND {IN_PROGRESS} LIMIT 1")))


def ahead_of(job: str, at_ms: int) -> Operation[int]:
    """Return how many older jobs of the same member in the same guild could begin now if there were a slot.

    These are the jobs that `to_submit` would return before this one: a job that no worker takes must not keep others
    waiting.
    """
    rows = yield Statement(
        f"SELECT COUNT(*) FROM job j WHERE {_WAITS} AND j.guild = (SELECT guild FROM job WHERE id = $1) "
        "AND j.member = (SELECT member FROM job WHERE id = $1) "
        # `+ 0` keeps SQLite from reading all jobs that the member ever had.
        "AND (j.created_ms + 0, j.rowid) < (SELECT created_ms, rowid FROM job WHERE id = $1) "
        f"AND j.retry_ms <= $2 AND {SUBMIT_PAUSED} <= $2 AND NOT {_FILES_MISSING} AND NOT {WAITS_FOR_APPROVAL}",
        job,
        at_ms,
    )
    return cast("int", rows[0][0])


def running(guild: int, member: int) -> Operation[tuple[int, int]]:
    """Return how many jobs of a guild are running, and how many of them are a member's, as `to_submit` counts them."""
    rows = yield Statement(
        "SELECT COUNT(*), COUNT(CASE WHEN member = $2 THEN 1 END) FROM job WHERE state = 'running' AND guild = $1",
        guild,
        member,
    )
    return cast("tuple[int, int]", tuple(rows[0]))


def to_cancel(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return jobs with runs that the provider still has to be asked to stop.

    These are the runs of jobs that a member cancelled, and runs that Easel is no longer waiting for.
    """
    paused = paused_until(Step.STOP, Step.CANCEL_FAULT)
    return (
        yield from _due(
            f"SELECT id, {paused} AS at_ms FROM (SELECT a.id FROM job a WHERE a.state = 'running' "
            "AND a.cancel_asked_ms > 0 AND a.holder = $2 AND EXISTS "
            "(SELECT 1 FROM prediction p WHERE p.job = a.id AND p.state = 'running' AND p.cancel_sent = 0) "
            # CROSS JOIN makes SQLite begin with the runs, of which there are few.
            "UNION SELECT q.job FROM prediction q CROSS JOIN job h WHERE h.id = q.job AND h.holder = $2 "
            "AND q.abandoned = 1 AND q.cancel_sent = 0) AS j "
            f"WHERE {COMPARED} ORDER BY at_ms LIMIT $1",
            limit,
            holder,
        )
    )


def to_collect(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return jobs whose outputs are to be copied."""
    paused = paused_until(Step.COLLECT, Step.COLLECT_FAULT)
    return (
        yield from _due(
            f"SELECT j.id, {paused} AS at_ms FROM job j WHERE j.state = 'collecting' "
            f"AND {IN_PROGRESS} AND {COMPARED} AND j.holder = $2 ORDER BY at_ms, j.created_ms LIMIT $1",
            limit,
            holder,
        )
    )


def to_show(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return jobs whose end is to be shown."""
    columns = f"j.id, j.retry_ms AS due_ms, {paused_until(Step.DELIVER_FAULT)} AS paused_ms, j.updated_ms"
    return (
        yield from _due(
            f"SELECT id, {_LATER} AS at_ms FROM (SELECT {columns} FROM job j WHERE j.state = 'delivering' "
            f"AND {IN_PROGRESS} AND {COMPARED} AND j.holder = $2 UNION ALL "
            f"SELECT {columns} FROM job j WHERE j.notice = 'due' AND {COMPARED} AND j.holder = $2) AS found "
            "ORDER BY at_ms, updated_ms LIMIT $1",
            limit,
            holder,
        )
    )


def to_expire(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return waiting jobs in the order of their deadlines."""
    return (
        yield from _due(
            f"SELECT id, {_LATER} AS at_ms FROM (SELECT j.id, j.deadline_ms AS due_ms, "
            f"{paused_until(Step.EXPIRE_FAULT)} AS paused_ms FROM job j WHERE {_WAITS} AND j.holder = $2) AS found "
            "ORDER BY at_ms LIMIT $1",
            limit,
            holder,
        )
    )


def in_progress() -> Operation[dict[State, int]]:
    """Return the number of jobs in each state that is not terminal. It reads only the index of live jobs."""
    rows = yield Statement(f"SELECT state, COUNT(*) FROM job WHERE {IN_PROGRESS} GROUP BY state")
    found = cast("list[tuple[str, int]]", rows)
    return dict.fromkeys((state for state in State if state not in TERMINAL), 0) | {
        State(state): count for state, count in found
    }


def in_flight() -> Operation[InFlight]:
    """Count the jobs that have not ended or whose end is due to be shown; those awaiting a moderator are separate."""
    rows = yield Statement(
        f"SELECT COUNT(CASE WHEN {WAITS_FOR_APPROVAL} THEN NULL ELSE 1 END), COUNT(*) FROM job j WHERE {IN_PROGRESS}"
    )
    going_on, unfinished = cast("tuple[int, int]", tuple(rows[0]))
    rows = yield Statement(f"SELECT COUNT(*) FROM job j WHERE j.notice = 'due' AND NOT ({IN_PROGRESS})")
    return InFlight(going_on + cast("int", rows[0][0]), unfinished - going_on)


APPROVAL = "approval"
"""The backlog of jobs that are waiting for a moderator, whatever their state."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The jobs in one state: how many, and when the oldest was ordered."""

    jobs: int
    oldest_ms: int


def backlogs() -> Operation[dict[str, Backlog]]:
    """Return the backlogs that are not empty, by state. It reads the index of live jobs, and some approvals."""
    rows = yield Statement(
        f"SELECT CASE WHEN j.state IN ('accepted', 'waiting') AND {WAITS_FOR_APPROVAL} THEN '{APPROVAL}'"
        f" ELSE j.state END, COUNT(*), MIN(j.created_ms) FROM job j WHERE j.{IN_PROGRESS} GROUP BY 1"
    )
    return {state: Backlog(jobs, oldest_ms) for state, jobs, oldest_ms in cast("list[tuple[str, int, int]]", rows)}


def _due(sql: str, *values: SqlValue) -> Operation[list[Due]]:
    rows = yield Statement(sql, *values)
    return [Due(*cast("tuple[str, int]", row)) for row in rows]
