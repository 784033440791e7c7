"""The PostgreSQL implementation of Database: pools of connections to one server, and one process that owns them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Self, TypeVar

import structlog

from bot.errors import StorageError
from bot.storage.identity import claim
from bot.storage.operation import Operation, Statement
from bot.storage.owned_database import BeforeUpgrade
from bot.storage.postgres.connection import READ_REFUSED_S, READING, close, connect, shown
from bot.storage.postgres.owner import Owner, Wish
from bot.storage.postgres.schema import applied, require_current
from bot.storage.postgres.server_errors import storage_error
from bot.storage.postgres.sharing import prepare, require_version, shared
from bot.storage.postgres.transactions import Transactions

WRITERS, READERS = 8, 4
"""The maximum number of connections of each kind. The owner has one more; a server accepts 100 by default."""

RESERVED_WRITERS, RESERVED_READERS = 3, 1
"""The number of connections that background work never takes, so that people do not wait for it."""


T = TypeVar("T")
_log = structlog.get_logger(__name__)


class PostgresDatabase:
    """A database on a server that this process owns until `close`."""

    def __init__(self, url: str, owner: Owner, writing: Transactions, reading: Transactions) -> None:
        self._url = url
        self._owner = owner
        self._writing = writing
        self._reading = reading

    @classmethod
    async def open(cls, url: str, *, before_upgrade: BeforeUpgrade | None = None, shared_as: str | None = None) -> Self:
        """Own the database and update its schema if needed. An empty database gets the schema.

        `before_upgrade` is awaited if the schema of a non-empty database has to change; this process owns it by then.
        With `shared_as`, other processes may share the database; it is the unique name of this process's sessions.
        Raises StorageError, which says what to do, if the database cannot be used.
        """
        async with AsyncExitStack() as opened:
            owner = await (_owned(url, before_upgrade) if shared_as is None else shared(url, shared_as, before_upgrade))
            opened.push_async_callback(owner.release)
            writing = await Transactions.writing(
                url, WRITERS, reserved=RESERVED_WRITERS, ready=owner.require, name=shared_as
            )
            opened.push_async_callback(writing.close)
            reading = await Transactions.reading(url, READERS, reserved=RESERVED_READERS, name=shared_as)
            opened.pop_all()
        _log.debug("database open", address=shown(url))
        return cls(url, owner, writing, reading)

    async def claim(self, *, application: str, provider: str) -> None:
        """Bind this database to an application and a provider. Raises StorageError if it belongs to others."""
        await self.run(lambda: claim(application, provider))

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction; see `Database.run`."""
        return await self._writing.run(operation)

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._reading.run(operation)

    async def scrub(self) -> bool:
        """Let the server reuse the space of deleted rows, as it also does on its own. Return whether that worked."""
        connection = await connect(self._url)
        try:
            await connection.execute("VACUUM (SKIP_LOCKED)")
        except Exception as error:
            raise storage_error(error, shown(self._url)) from error
        finally:
            await close(connection)
        return True

    async def probe(self) -> None:
        """Test that the database can be written, without writing. Raises StorageError."""
        if await self.run(_is_read_only):
            raise StorageError(
                problem=f"{shown(self._url)}: the database is read-only, as a replica is",
                fix="Set DATABASE_URL to the primary server",
            )

    async def close(self) -> None:
        """Finish all requests and let others own the database."""
        await asyncio.gather(self._reading.close(), self._writing.close())
        await self._owner.release()


class ReadOnlyPostgres:
    """A database that another process may own, for commands that only read."""

    def __init__(self, reading: Transactions) -> None:
        self._reading = reading

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Raise StorageError, because this database cannot be changed."""
        raise StorageError(problem="this command only reads the database", fix=f"Nothing was changed by {operation}")

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._reading.run(operation)

    async def close(self) -> None:
        """Close the connections."""
        await self._reading.close()


async def open_readonly(url: str) -> ReadOnlyPostgres:
    """Open a database for reading, whether or not the bot is running.

    Raises StorageError if it cannot be reached, belongs to another program, or has the schema of another version.
    """
    connection = await connect(url, READING, refused_s=READ_REFUSED_S)
    try:
        await require_version(connection, url)
        await require_current(connection, url)
    finally:
        await close(connection)
    return ReadOnlyPostgres(await Transactions.reading(url, 1, reserved=0))


async def is_empty(url: str) -> bool:
    """Return whether a database has no tables. Raises StorageError as `open_readonly` does."""
    connection = await connect(url, READING, refused_s=READ_REFUSED_S)
    try:
        return not await applied(connection, url)
    finally:
        await close(connection)


async def _owned(url: str, before_upgrade: BeforeUpgrade | None) -> Owner:
    """Own the database alone, with the current schema."""
    owner = await Owner.acquire(Wish(url))
    try:
        await prepare(url, before_upgrade)
    except BaseException:
        await owner.release()
        raise
    return owner


def _is_read_only() -> Operation[bool]:
    ((found,),) = yield Statement("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")
    return bool(found)
