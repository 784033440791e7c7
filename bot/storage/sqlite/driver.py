"""The SQLite implementation of Database: one writer thread, a few reader threads, one process."""

import asyncio
import glob
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import structlog

from bot.errors import StorageError
from bot.private_files import close_file, create_file, make_folder, to_disk
from bot.sizes import MEGABYTE
from bot.storage.identity import claim
from bot.storage.operation import Operation, Statement
from bot.storage.owned_database import BeforeUpgrade
from bot.storage.sqlite.connection import connect_writer, has_wal_reset_bug, require_version, storage_error
from bot.storage.sqlite.integrity import check, require_own_content
from bot.storage.sqlite.lock import Lock
from bot.storage.sqlite.readers import Readers
from bot.storage.sqlite.schema import migrate, owners_before_upgrade, require_current
from bot.storage.sqlite.scrubbing import scrub
from bot.storage.sqlite.writer import Writer

READERS = 2
"""The number of readers. Background work never takes the last one, so people do not wait for long ledger checks."""

LARGE_MB = 100
"""From this size on, the log says why startup takes a while: 1,500 MB take 7 s, or 16 s if they are not cached."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class SqliteDatabase:
    """A database file that this process owns until `close`."""

    def __init__(self, lock: Lock, writer: Writer, readers: Readers) -> None:
        self._lock = lock
        self._writer = writer
        self._readers = readers

    @classmethod
    async def open(cls, path: Path, *, before_upgrade: BeforeUpgrade | None = None) -> Self:
        """Lock the file, back it up and update its schema if needed, and open it. A missing file is created.

        `before_upgrade` is awaited if the schema of an existing file has to change, while the file is locked.
        Raises StorageError, which says what to do, if the file cannot be used.
        """
        require_version()
        lock = await _prepare(path, before_upgrade)
        writer = Writer(lambda: connect_writer(path))
        try:
            readers = await Readers.open(path, READERS)
        except BaseException:
            await writer.close()
            lock.release()
            raise
        _log.debug("database open", path=str(path), sqlite=sqlite3.sqlite_version, wal_reset_bug=has_wal_reset_bug())
        return cls(lock, writer, readers)

    async def claim(self, *, application: str, provider: str) -> None:
        """Bind this database to an application and a provider. Raises StorageError if it belongs to others."""
        await self.run(lambda: claim(application, provider))

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction; see `Database.run`."""
        return await self._writer.run(operation)

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._readers.run(operation)

    async def scrub(self) -> bool:
        """Remove deleted data from the files too. Return whether that worked; if not, call this again later."""
        return await self._writer.between(scrub)

    async def probe(self) -> None:
        """Test that the database can be written, without writing: take its write lock. Raises StorageError."""
        await self.run(_nothing)

    async def close(self) -> None:
        """Finish all requests and release the file. The writer closes last, so that SQLite merges the log."""
        try:
            await self._readers.close()
        finally:
            await self._writer.close()
        self._lock.release()


class ReadOnlyDatabase:
    """A database that another process may own, for commands that only read."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Raise StorageError, because this database cannot be changed."""
        raise StorageError(problem="this command only reads the database", fix=f"Nothing was changed by {operation}")

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._readers.run(operation)

    async def close(self) -> None:
        """Close the connections."""
        await self._readers.close()


async def open_readonly(path: Path, *, alone: bool = False) -> ReadOnlyDatabase:
    """Open a database for reading, whether or not the bot is running; `alone` is explained at `connect_reader`.

    Raises StorageError if it is missing, belongs to another program, or has the schema of another version.
    """
    require_version()
    try:
        await asyncio.to_thread(require_current, path, alone=alone)
        return ReadOnlyDatabase(await Readers.open(path, 1, alone=alone))
    except sqlite3.Error as error:
        raise storage_error(error) from error


def _nothing() -> Operation[None]:
    yield Statement("SELECT 1")


async def _prepare(path: Path, before_upgrade: BeforeUpgrade | None) -> Lock:
    """Lock the file and bring its schema up to date."""
    lock = await asyncio.to_thread(_lock, path)
    try:
        await asyncio.to_thread(require_own_content, path)
        owners = await asyncio.to_thread(owners_before_upgrade, path) if before_upgrade else None
        if before_upgrade and owners is not None:
            await before_upgrade(owners)
        await asyncio.to_thread(_migrate, path)
    except BaseException as error:
        lock.release()
        if isinstance(error, sqlite3.Error):
            raise storage_error(error) from error
        if isinstance(error, OSError):
            raise StorageError(problem=f"{path} cannot be used: {error.strerror}", fix="Check DATABASE_URL") from error
        raise
    return lock


def _lock(path: Path) -> Lock:
    try:
        if not path.parent.exists():
            make_folder(path.parent)
        return Lock.acquire(path)
    except OSError as error:
        raise StorageError(problem=f"{path} cannot be used: {error.strerror}", fix="Check DATABASE_URL") from error


def _migrate(path: Path) -> None:
    if path.exists():
        if path.is_file():
            size = path.stat().st_size // MEGABYTE
            if size >= LARGE_MB:
                _log.info("checking every page of the database", path=str(path), megabytes=size)
            check(path, quick=True)
        for one in (path, *path.parent.glob(f"{glob.escape(path.name)}[.-]*")):  # the log, the lock, backups
            close_file(one)
        migrate(path)
        return
    # Created under another name first: a process that is killed here leaves no file that looks like a lost database.
    begun = path.with_name(path.name + ".new")
    begun.unlink(missing_ok=True)
    create_file(begun)
    migrate(begun)
    begun.rename(path)
    to_disk(path.parent)
