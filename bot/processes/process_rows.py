"""The table `process`: the living processes. Used with PostgreSQL only; times are the server's.

A renewal does not change a key, so it never waits for a fence. Ending a process deletes its row, so it waits for all
fences.

https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
"""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from bot.errors import Fenced
from bot.process_roles import ProcessRole
from bot.processes.notices import CHANNEL, JOBS
from bot.storage.operation import Operation, Statement, select_in

_NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process that was alive when its row was read, and how many milliseconds are left of its lease.

    `ready` says that it takes steps of jobs if it is a worker, or shards if it is a gateway process. `refusals` are
    the requests of the last ten minutes that Discord counts towards a ban.
    """

    token: int
    name: str
    role: ProcessRole
    ready: bool
    left_ms: int
    refusals: int

    @property
    def late(self) -> bool:
        """Whether the lease has expired."""
        return self.left_ms < 0


def begin(name: str, role: ProcessRole, lease_ms: int) -> Operation[int]:
    """Add a process and return its number, which is higher than all earlier ones. Its sessions have the same name."""
    ((token,),) = yield Statement(
        f"INSERT INTO process (name, role, until_ms) VALUES ($1, $2, {_NOW} + $3) RETURNING token", name, role, lease_ms
    )
    return cast("int", token)


def renew(token: int, lease_ms: int, refusals: int) -> Operation[None]:
    """Renew the lease of a process for this time, and store its refusals. Raises Fenced if it was ended."""
    renewed = yield Statement(
        f"UPDATE process SET until_ms = {_NOW} + $2, refusals = $3 WHERE token = $1 RETURNING 1",
        token,
        lease_ms,
        refusals,
    )
    if not renewed:
        raise fenced()


def fence(token: int) -> Operation[None]:
    """Keep other processes from ending this one during the transaction. Raises Fenced if they already have."""
    if not (yield Statement("SELECT 1 FROM process WHERE token = $1 FOR KEY SHARE", token)):
        raise fenced()


def ready(token: int) -> Operation[None]:
    """Record that a worker takes steps."""
    yield Statement("UPDATE process SET ready = 1 WHERE token = $1", token)


def everyone() -> Operation[tuple[ProcessRow, ...]]:
    """Return all processes that have not been ended, the oldest first."""
    rows = yield Statement(f"SELECT token, name, role, ready, until_ms - {_NOW}, refusals FROM process ORDER BY token")
    return tuple(
        ProcessRow(token, name, ProcessRole(role), bool(is_ready), left_ms, refusals)
        for token, name, role, is_ready, left_ms, refusals in cast("list[tuple[int, str, str, int, int, int]]", rows)
    )


def end_sessions(names: Sequence[str]) -> Operation[None]:
    """End the server's sessions of these processes, because a frozen process may keep rows locked."""
    yield from select_in(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND pid <> pg_backend_pid() AND application_name IN ({keys})",
        names,
    )


def end_late(tokens: Sequence[int]) -> Operation[tuple[int, ...]]:
    """End the given processes whose leases have expired, and return them. Waits for writes that they have started."""
    rows = yield from select_in(
        f"DELETE FROM process WHERE until_ms < {_NOW} AND token IN ({{keys}}) RETURNING token", tokens
    )
    return tuple(cast("int", token) for (token,) in rows)


def end(token: int) -> Operation[None]:
    """End a process."""
    yield Statement("DELETE FROM process WHERE token = $1", token)


def tell_of_free_jobs() -> Operation[None]:
    """Tell all processes, when this transaction is committed, that there may be jobs without a holder."""
    yield Statement("SELECT pg_notify($1, $2)", CHANNEL, f"{JOBS}:")


def fenced() -> Fenced:
    """Return the error for a process that was ended."""
    return Fenced(
        problem="other processes have taken over from this one, which was not heard from for too long",
        fix="It has to be started again",
    )
