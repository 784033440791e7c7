"""Lets one process own a database, or several share it: no other process may use it during that time.

The lock is an advisory lock of a session that does nothing else, so the server releases it when the connection ends in
any way. If that session is lost, nothing may be written until another session has the lock, and then only if the schema
is still that of this version: a restart of the server ends all locks, and a later version may be the first to come
back.

Processes that share a database hold the lock in shared mode, so they and a process that wants to be alone exclude each
other.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, cast

from bot.errors import Fenced, StorageError
from bot.storage.postgres.connection import (
    ALONE,
    PAUSE_S,
    READ_REFUSED_S,
    WRITING,
    ServerConnection,
    close,
    connect,
    named,
    shown,
)
from bot.storage.postgres.schema import require_current
from bot.storage.postgres.server_errors import storage_error

LOCK = 0x45415345
"""The key of the advisory lock ("EASE"), which belongs to one database of the server."""

ANOTHER = "Stop it first, or set DATABASE_URL to another database"

_LOCK_ALONE = "SELECT pg_try_advisory_lock($1), pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_SHARE = "SELECT pg_try_advisory_lock_shared($1), pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"

PROOF_S = 5.0
"""How old the last sign of life of the owner's session may be, and how long a new one may take."""

OWN_DEAD_SESSION_S = 60.0
"""How long this process's own lost session may keep the lock, until the server notices that the session is dead."""


@dataclass(frozen=True, slots=True)
class OwnerSession:
    """A session on the server. Its number alone does not identify it, because numbers are reused after a restart."""

    number: object
    started: object


@dataclass(frozen=True, slots=True)
class _Holder:
    """A session that holds the lock."""

    host: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Which database to own, under which name, and what to say if others hold the lock.

    `name` is the name of the sessions on the server; None for the usual one. With `shared`, other processes that share
    the database may own it too.
    """

    url: str
    fix: str = ANOTHER
    name: str | None = None
    shared: bool = False


class InUse(Exception):
    """Others hold the lock. `names` are the names of their sessions, and `told` is the error to report."""

    def __init__(self, told: StorageError, names: Sequence[str]) -> None:
        super().__init__(str(told))
        self.told = told
        self.names = names


class Owner:
    """The connection whose session owns the database. It is not used for anything else."""

    def __init__(self, wish: Wish, connection: ServerConnection, session: OwnerSession) -> None:
        self._wish = wish
        self._connection = connection
        self._session = session
        self._proven_s = _now_s()
        self._lost_s: float | None = None
        self._proving: asyncio.Task[None] | None = None

    @classmethod
    async def acquire(cls, wish: Wish) -> Self:
        """Own the database. Raises StorageError at once if another process owns it."""
        try:
            return await cls.attempt(wish)
        except InUse as others:
            raise others.told from None

    @classmethod
    async def attempt(cls, wish: Wish) -> Self:
        """Own the database. Raises InUse if another process owns it, and StorageError."""
        return cls(wish, *await _locked(wish))

    async def require(self) -> None:
        """Own the database again if the connection was lost.

        Raises StorageError if another process owns it now. Concurrent callers share one attempt and its failure.
        """
        if _now_s() - self._proven_s < PROOF_S and not self._connection.is_closed():
            return
        if self._proving is None or self._proving.done():
            self._proving = asyncio.create_task(self._prove())
        await asyncio.shield(self._proving)

    async def release(self) -> None:
        """Release the database. A second call does nothing."""
        await close(self._connection)

    async def _prove(self) -> None:
        began_s = _now_s()
        if not await self._is_alive():
            self._connection.terminate()
            self._lost_s = began_s if self._lost_s is None else self._lost_s
            self._connection, self._session = await self._locked_again(self._lost_s + OWN_DEAD_SESSION_S)
            await self._require_same_schema()
            began_s = _now_s()
        self._lost_s = None
        self._proven_s = began_s

    async def _require_same_schema(self) -> None:
        """Raise StorageError, or Fenced if the lock is shared, if a later version has changed the schema."""
        try:
            await require_current(self._connection, self._wish.url)
        except StorageError as error:
            await close(self._connection)
            if self._wish.shared:  # others do this process's work, so it must not keep the lock
                raise Fenced(**error.facts) from error
            raise

    async def _is_alive(self) -> bool:
        if self._connection.is_closed():
            return False
        try:
            async with asyncio.timeout(PROOF_S):
                await self._connection.fetch("SELECT 1")
        except Exception:  # noqa: BLE001 - however it was lost, another one is needed
            return False
        return True

    async def _locked_again(self, deadline_s: float) -> tuple[ServerConnection, OwnerSession]:
        while True:
            try:
                return await _locked(self._wish, self._session)
            except InUse as others:
                if _now_s() >= deadline_s:
                    raise others.told from None
                await asyncio.sleep(PAUSE_S)


async def is_owned(url: str) -> bool:
    """Return whether a process owns the database. Raises StorageError if the server cannot be reached."""
    connection = await connect(url, refused_s=READ_REFUSED_S)
    try:
        return bool(await _lock_holders(connection))
    finally:
        await close(connection)


async def _locked(wish: Wish, lost: OwnerSession | None = None) -> tuple[ServerConnection, OwnerSession]:
    """Open a connection that holds the lock.

    `lost` is an earlier session of this process, which is ended here if the server still has it. The server may take
    a long time to notice that the client of that session is gone.
    """
    connection = await connect(wish.url, named(WRITING, wish.name))
    try:
        async with asyncio.timeout(2 * PROOF_S):
            if lost is not None:
                await connection.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid = $1 AND backend_start = $2 AND usename = current_user AND pid <> pg_backend_pid()",
                    lost.number,
                    lost.started,
                )
            ((locked, *session),) = await connection.fetch(_SHARE if wish.shared else _LOCK_ALONE, LOCK)
            others = () if locked else await _lock_holders(connection)
    except Exception as error:
        await close(connection)
        raise storage_error(error, shown(wish.url)) from error
    if not locked:
        await close(connection)
        told = StorageError(problem=f"{shown(wish.url)} is in use by {_users(others)}", fix=wish.fix)
        raise InUse(told, [one.name for one in others])
    return connection, OwnerSession(*session)


def _users(holders: Sequence[_Holder]) -> str:
    """Name the processes that use a database. Those that share it have names; others are identified by session."""
    if not holders:
        return "another Easel"
    named_ones = sorted({one.name for one in holders} - {ALONE})
    whose = named_ones or [f"{one.host}, session {one.number} of the server" for one in holders]
    return f"another Easel ({', '.join(whose)})"


async def _lock_holders(connection: ServerConnection) -> tuple[_Holder, ...]:
    rows = await connection.fetch(
        "SELECT COALESCE(host(a.client_addr), 'this machine'), a.pid, a.application_name FROM pg_locks AS l"
        " JOIN pg_stat_activity AS a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.granted"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY a.backend_start",
        LOCK,
    )
    return tuple(_Holder(str(host), cast("int", number), str(name)) for host, number, name in rows)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
