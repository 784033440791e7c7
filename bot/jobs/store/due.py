"""Queries of the workers: which jobs are due for a step, the earliest first."""

from dataclasses import dataclass
from typing import cast

from bot.jobs.records import TERMINAL, State
from bot.storage.operation import Operation, SqlValue, Statement


@dataclass(frozen=True, slots=True)
class Due:
    """A job that waits for a worker, and the time at which its step is due."""

    job: str
    at_ms: int


def unclear_cards(limit: int) -> Operation[list[Due]]:
    """Return accepted jobs for which it is unknown whether Discord accepted the card."""
    return (yield from _due("SELECT id, retry_ms FROM job WHERE state = 'accepted' ORDER BY retry_ms LIMIT $1", limit))


def to_submit(limit: int, per_guild: int, per_member: int) -> Operation[list[Due]]:
    """Return waiting jobs with files to copy or a free slot, and running jobs with creates to send or settle.

    Files are copied at once, however long the job will wait, because their links expire.
    """
    return (
        yield from _due(
            # Slots are counted in SQL: jobs without a free slot would otherwise fill the page and starve the others.
            # `transitions.begin` counts again when it takes the slot.
            "SELECT id, retry_ms FROM (SELECT j.id, j.retry_ms, j.created_ms FROM job j WHERE j.state = 'waiting' "
            "AND ((SELECT COUNT(*) FROM input_file f WHERE f.job = j.id) < j.files "
            "OR ((SELECT COUNT(*) FROM job r WHERE r.state = 'running' AND r.guild = j.guild) < $2 "
            "AND (SELECT COUNT(*) FROM job r WHERE r.state = 'running' AND r.guild = j.guild AND r.member = j.member) "
            "< $3)) UNION ALL SELECT j.id, j.retry_ms, j.created_ms FROM job j WHERE j.state = 'running' AND EXISTS "
            "(SELECT 1 FROM prediction p WHERE p.job = j.id AND p.state IN ('intended', 'submitting'))) AS found "
            "ORDER BY retry_ms, created_ms, id LIMIT $1",
            limit,
            per_guild,
            per_member,
        )
    )


def running(guild: int, member: int) -> Operation[tuple[int, int]]:
    """Return how many jobs of a guild are running, and how many of them are a member's, as `to_submit` counts them."""
    rows = yield Statement(
        "SELECT COUNT(*), COUNT(CASE WHEN member = $2 THEN 1 END) FROM job WHERE state = 'running' AND guild = $1",
        guild,
        member,
    )
    return cast("tuple[int, int]", tuple(rows[0]))


def to_cancel(limit: int) -> Operation[list[Due]]:
    """Return running jobs to be cancelled that have runs which the provider has not been asked to stop."""
    return (
        yield from _due(
            "SELECT j.id, j.retry_ms FROM job j WHERE j.state = 'running' AND j.cancel_asked_ms IS NOT NULL AND EXISTS "
            "(SELECT 1 FROM prediction p WHERE p.job = j.id AND p.state = 'running' AND p.cancel_sent = 0) "
            "ORDER BY j.retry_ms LIMIT $1",
            limit,
        )
    )


def to_collect(limit: int) -> Operation[list[Due]]:
    """Return jobs whose outputs are to be copied."""
    return (
        yield from _due(
            "SELECT id, retry_ms FROM job WHERE state = 'collecting' ORDER BY retry_ms, created_ms LIMIT $1", limit
        )
    )


def to_show(limit: int) -> Operation[list[Due]]:
    """Return jobs whose end is to be shown."""
    return (
        yield from _due(
            "SELECT id, retry_ms FROM (SELECT id, retry_ms, updated_ms FROM job WHERE state = 'delivering' "
            "UNION ALL SELECT id, retry_ms, updated_ms FROM job WHERE notice = 'due') AS found "
            "ORDER BY retry_ms, updated_ms LIMIT $1",
            limit,
        )
    )


def to_expire(limit: int) -> Operation[list[Due]]:
    """Return waiting jobs, by deadline."""
    return (
        yield from _due("SELECT id, deadline_ms FROM job WHERE state = 'waiting' ORDER BY deadline_ms LIMIT $1", limit)
    )


def in_progress() -> Operation[dict[State, int]]:
    """Return the number of jobs in each state that is not terminal. It only reads the index of live jobs."""
    rows = yield Statement(
        "SELECT state, COUNT(*) FROM job "
        "WHERE state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering') GROUP BY state"
    )
    found = cast("list[tuple[str, int]]", rows)
    return dict.fromkeys((state for state in State if state not in TERMINAL), 0) | {
        State(state): count for state, count in found
    }


def _due(sql: str, *values: SqlValue) -> Operation[list[Due]]:
    rows = yield Statement(sql, *values)
    return [Due(*cast("tuple[str, int]", row)) for row in rows]
