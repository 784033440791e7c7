"""Lets one process at a time own a database: the server releases its lock when the connection ends in any way.

The lock is an advisory one of a session that does nothing else. If that session is lost, nothing may be written until
another one has the lock.
"""

import asyncio
from typing import Self

from bot.errors import StorageError
from bot.storage.postgres.connection import ServerConnection, connect, shown
from bot.storage.postgres.server_errors import storage_error

LOCK = 0x45415345
"""The key of the advisory lock ("EASE"), which belongs to one database of the server."""

ANOTHER = "Stop that one first, or set DATABASE_URL to another database"


class Owner:
    """The connection whose session owns the database. It does nothing else."""

    def __init__(self, url: str, connection: ServerConnection, fix: str) -> None:
        self._url = url
        self._fix = fix
        self._connection = connection
        self._renewing = asyncio.Lock()

    @classmethod
    async def acquire(cls, url: str, *, fix: str = ANOTHER) -> Self:
        """Own the database. Raises StorageError with this `fix` at once if another process has it."""
        return cls(url, await _locked(url, fix), fix)

    async def require(self) -> None:
        """Own the database again if the connection was lost. Raises StorageError if another process owns it now."""
        if not self._connection.is_closed():
            return
        async with self._renewing:
            if self._connection.is_closed():
                self._connection = await _locked(self._url, self._fix)

    async def release(self) -> None:
        """Let others own the database. A second call does nothing."""
        await _close(self._connection)


async def is_owned(url: str) -> bool:
    """Return whether a process owns the database. Raises StorageError if the server cannot be reached."""
    connection = await connect(url)
    try:
        return await _whose(connection) is not None
    finally:
        await _close(connection)


async def _locked(url: str, fix: str) -> ServerConnection:
    connection = await connect(url)
    try:
        ((locked,),) = await connection.fetch("SELECT pg_try_advisory_lock($1)", LOCK)
        whose = None if locked else await _whose(connection)
    except Exception as error:
        await _close(connection)
        raise storage_error(error, shown(url)) from error
    if not locked:
        await _close(connection)
        raise StorageError(problem=f"{shown(url)} is in use by another Easel ({whose})", fix=fix)
    return connection


async def _whose(connection: ServerConnection) -> str | None:
    rows = await connection.fetch(
        "SELECT COALESCE(host(a.client_addr), 'this machine'), a.pid FROM pg_locks AS l JOIN pg_stat_activity AS a"
        " USING (pid) WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.granted"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        LOCK,
    )
    return ", ".join(f"{host}, server process {pid}" for host, pid in rows) or None


async def _close(connection: ServerConnection) -> None:
    try:
        await connection.close(timeout=2.0)
    except Exception:  # noqa: BLE001 - it is gone in any case
        connection.terminate()
