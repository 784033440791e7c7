"""The column `job.holder`: which process takes the steps of a job. If there is only one process, all values are 0.

A process holds a job until nothing is left to do about it, which may be after its end: to show the end, to send a
notification, or to stop a run. Nobody takes a job from a process that is alive, and one that has ended holds nothing.

Claims are for PostgreSQL only, in READ COMMITTED transactions (`Process.run`): rows that another transaction has locked
are left for later, so that processes do not wait for each other and no write is run again because of a claim.
https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE
"""

# ruff: noqa: S608 - only constants of this module and of job_rows are put into SQL texts; values are parameters
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from bot.jobs.records import State
from bot.jobs.store.job_rows import IN_PROGRESS
from bot.storage.operation import MAX_KEYS, Operation, Statement, select_in

_STOPPING = "SELECT p.job FROM prediction p WHERE p.abandoned = 1 AND p.cancel_sent = 0"
_TELLING = "SELECT n.job FROM notification n WHERE n.state IN ('due', 'trying')"
_UNFINISHED = (
    # Jobs whose card is being sent right now are left out: they are claimed when the outcome is known or has to be
    # looked up.
    f"SELECT id FROM job WHERE {IN_PROGRESS} AND holder = 0 AND (state <> 'accepted' OR retry_ms <= $2) "
    f"UNION SELECT id FROM job WHERE notice = 'due' AND holder = 0 UNION {_STOPPING} UNION {_TELLING}"
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that was just claimed, and its state."""

    job: str
    state: State


def claim(holder: int, most: int, now_ms: int) -> Operation[tuple[Claimed, ...]]:
    """Let a process hold some of the unfinished jobs without a holder, the oldest first."""
    rows = yield Statement(
        # Materialized, so that the rows are chosen once, whatever plan the server chooses.
        f"WITH chosen AS MATERIALIZED (SELECT id FROM job WHERE holder = 0 AND id IN ({_UNFINISHED}) "
        "ORDER BY created_ms LIMIT $3 FOR UPDATE SKIP LOCKED) "
        "UPDATE job SET holder = $1 FROM chosen WHERE job.id = chosen.id RETURNING job.id, job.state",
        holder,
        now_ms,
        most,
    )
    return tuple(Claimed(job, State(state)) for job, state in cast("list[tuple[str, str]]", rows))


def claim_named(holder: int, jobs: Collection[str]) -> Operation[tuple[Claimed, ...]]:
    """Let a process hold the jobs among these that have no holder, or that it already holds."""
    rows = yield from select_in(
        "WITH chosen AS MATERIALIZED (SELECT id FROM job WHERE holder IN (0, $1) AND id IN ({keys}) "
        "FOR UPDATE SKIP LOCKED) "
        "UPDATE job SET holder = $1 FROM chosen WHERE job.id = chosen.id RETURNING job.id, job.state",
        jobs,
        holder,
    )
    return tuple(Claimed(job, State(state)) for job, state in cast("list[tuple[str, str]]", rows))


def release_finished(holder: int) -> Operation[frozenset[str]]:
    """Release a process's jobs about which nothing is left to do, and return them."""
    rows = yield Statement(
        "WITH finished AS MATERIALIZED (SELECT id FROM job WHERE holder = $1 AND holder > 0 "
        f"AND NOT ({IN_PROGRESS}) AND notice <> 'due' AND id NOT IN ({_STOPPING}) AND id NOT IN ({_TELLING}) "
        f"LIMIT {MAX_KEYS} FOR UPDATE SKIP LOCKED) "
        "UPDATE job SET holder = 0 FROM finished WHERE job.id = finished.id RETURNING job.id",
        holder,
    )
    return frozenset(cast("str", job) for (job,) in rows)


def free(holders: Sequence[int]) -> Operation[None]:
    """Free the jobs of these processes, which have ended."""
    for holder in holders:
        yield Statement("UPDATE job SET holder = 0 WHERE holder = $1 AND holder > 0", holder)


def free_all() -> Operation[None]:
    """Free all jobs when the only process starts. Works with both drivers."""
    yield Statement("UPDATE job SET holder = 0 WHERE holder > 0")
