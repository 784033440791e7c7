"""The table `job_approval`: jobs that are or were waiting for a moderator. Each has an entry in its guild's log.

A waiting row keeps its job from being submitted. The transaction whose UPDATE ends the wait decides, so there is only
one decision about a job. Every change rewrites the log entry in the same transaction, and the entry's message is
replaced afterwards.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.jobs.records import ApprovalState
from bot.storage.operation import Operation, Row, Statement

WAITS_FOR_APPROVAL = "EXISTS (SELECT 1 FROM job_approval a WHERE a.job = j.id AND a.state = 'waiting')"
"""The condition that a job `j` is waiting for a moderator."""

_COLUMNS = "job, guild, member, rules, state, decided_by, at_ms"


@dataclass(frozen=True, slots=True)
class Approval:
    """The approval of a job. `rules` are the numbers of the rules that make it wait."""

    job: str
    guild: int
    member: int
    rules: tuple[int, ...]
    state: ApprovalState
    decided_by: int
    at_ms: int


def ask(job: str, guild: int, member: int, rules: Collection[int], at_ms: int) -> Operation[None]:
    """Make a job wait for a moderator."""
    yield Statement(
        "INSERT INTO job_approval (job, guild, member, rules, state, at_ms) VALUES ($1, $2, $3, $4, 'waiting', $5)",
        *(job, guild, member, json.dumps(sorted(rules)), at_ms),
    )


def get(job: str) -> Operation[Approval | None]:
    """Return the approval of a job; None if it never needed one."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM job_approval WHERE job = $1", job)  # noqa: S608 - constants
    return _approval(rows[0]) if rows else None


def is_waiting(job: str) -> Operation[bool]:
    """Return whether a job is waiting for a moderator."""
    return bool((yield Statement("SELECT 1 FROM job_approval WHERE job = $1 AND state = 'waiting'", job)))


def waiting(guild: int, limit: int) -> Operation[list[str]]:
    """Return the jobs of a guild that are waiting for a moderator, the oldest first."""
    rows = yield Statement(
        "SELECT job FROM job_approval WHERE guild = $1 AND state = 'waiting' ORDER BY at_ms, job LIMIT $2", guild, limit
    )
    return [cast("str", row[0]) for row in rows]


def waiting_of_member(guild: int, member: int) -> Operation[list[str]]:
    """Return the jobs of a member that are waiting for a moderator."""
    rows = yield Statement(
        "SELECT job FROM job_approval WHERE guild = $1 AND state = 'waiting' AND member = $2 ORDER BY at_ms, job",
        guild,
        member,
    )
    return [cast("str", row[0]) for row in rows]


def end(job: str, state: ApprovalState, by: int = 0, *, always: bool = False, because: str = "") -> Operation[bool]:
    """End a job's wait for a moderator, if it is waiting; return whether it was."""
    # The condition decides between two moderators, a cancellation and the deadline.
    rows = yield Statement(
        "UPDATE job_approval SET state = $2, decided_by = $3 WHERE job = $1 AND state = 'waiting' RETURNING guild",
        *(job, state, by),
    )
    if not rows:
        return False
    facts = {"state": "always" if always else state.value, "by": str(by), "because": because}
    yield from log_entries.rewrite(cast("int", rows[0][0]), LogKind.APPROVAL, job, facts)
    return True


def _approval(row: Row) -> Approval:
    job, guild, member, rules, state, by, at_ms = row
    return Approval(
        cast("str", job),
        cast("int", guild),
        cast("int", member),
        tuple(cast("list[int]", json.loads(cast("str", rules)))),
        ApprovalState(cast("str", state)),
        cast("int", by),
        cast("int", at_ms),
    )
