"""The table `drain`: whether all processes are to refuse new orders, and which of them obey. Times are the server's.

Only a bot with several processes is drained this way, so the table is used with PostgreSQL only.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from dataclasses import dataclass
from typing import cast

from bot.process_roles import ProcessRole
from bot.processes.notices import CHANNEL, DRAIN, SHARDS
from bot.storage.operation import Operation, Statement

_NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"


_IN_FLIGHT = (
    "(notice = 'due' OR state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering') AND NOT EXISTS "
    "(SELECT 1 FROM job_approval a WHERE a.job = job.id AND a.state = 'waiting'))"
)
"""A job that has not ended, or whose end has not been shown, and that is not waiting for a moderator.

`due_jobs.in_flight` counts such jobs, and separately those that are waiting for a moderator.

A worker keeps a job that has ended until its last follow-up work is done.
"""


@dataclass(frozen=True, slots=True)
class DrainRequest:
    """A request that all processes refuse new orders. Each request has its own number."""

    number: int
    since_ms: int
    asked_by: str


@dataclass(frozen=True, slots=True)
class DrainedProcess:
    """A living process, and how far it obeys a drain.

    `obeys` is the number of the request that it obeys, or 0. `answers` are its answers that may still become jobs.
    `holds` is the number of shards it acts on, or of its jobs in flight. `takes` says whether it takes shards.
    """

    name: str
    role: ProcessRole
    obeys: int
    answers: int
    holds: int
    takes: bool


def begin(asked_by: str) -> Operation[None]:
    """Ask all processes to refuse new orders, unless they have already been asked."""
    yield Statement(
        f"INSERT INTO drain (id, since_ms, asked_by) VALUES (1, {_NOW}, $1) ON CONFLICT (id) DO NOTHING", asked_by
    )
    yield from _tell(DRAIN)


def end() -> Operation[None]:
    """Ask all processes to accept orders again."""
    yield from forget()
    yield from _tell(DRAIN)


def forget() -> Operation[bool]:
    """Remove a drain that was meant for earlier processes, without a notice. Return whether there was one."""
    return bool((yield Statement("DELETE FROM drain RETURNING 1")))


def asked() -> Operation[DrainRequest | None]:
    """Return the requested drain; None if orders are accepted."""
    rows = yield Statement("SELECT number, since_ms, asked_by FROM drain")
    return DrainRequest(*cast("tuple[int, int, str]", tuple(rows[0]))) if rows else None


def report(token: int, obeys: int, answers: int) -> Operation[None]:
    """Record which drain a process obeys, and how many of its answers may still become jobs."""
    yield Statement("UPDATE process SET drain = $2, answers = $3 WHERE token = $1", token, obeys, answers)


def living() -> Operation[tuple[DrainedProcess, ...]]:
    """Return the processes whose leases have not expired, the oldest first."""
    rows = yield Statement(
        "SELECT name, role, drain, answers, (SELECT COUNT(*) FROM shard WHERE shard.holder = p.token)"
        f" + (SELECT COUNT(*) FROM job WHERE job.holder > 0 AND job.holder = p.token AND {_IN_FLIGHT}), ready"
        f" FROM process p WHERE until_ms >= {_NOW} ORDER BY p.token"
    )
    known = cast("list[tuple[str, str, int, int, int, int]]", rows)
    return tuple(
        DrainedProcess(name, ProcessRole(role), obeys, answers, holds, bool(takes))
        for name, role, obeys, answers, holds, takes in known
    )


def shards() -> Operation[int]:
    """Return how many shards there are."""
    ((number,),) = yield Statement("SELECT COUNT(*) FROM shard")
    return cast("int", number)


def pass_shards_on(name: str, *, passes: bool) -> Operation[None]:
    """Make a gateway process pass on all shards that others will take, or make it take its share again."""
    yield Statement(
        "UPDATE process SET ready = $2 WHERE name = $1 AND role = $3", name, int(not passes), ProcessRole.GATEWAY.value
    )
    yield from _tell(SHARDS)


def _tell(topic: str) -> Operation[None]:
    yield Statement("SELECT pg_notify($1, $2)", CHANNEL, f"{topic}:")
