"""Opens SQLite connections, runs statements on them, and translates their errors."""

import re
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

from bot.errors import StorageError
from bot.storage.operation import Operation, Rows, SqlValue, Statement

OLDEST = (3, 37, 0)
"""The first version with STRICT tables, https://www.sqlite.org/stricttables.html."""

BUSY_S = 5.0
"""How long a statement waits for another process's lock before it fails."""

_CACHED_STATEMENTS = 256
_LOG_BYTES = 16 * 1024 * 1024  # the size to which a write-ahead log shrinks after a long read made it grow
_PLACEHOLDER = re.compile(r"\$(\d+)")
_UNUSABLE = {
    sqlite3.SQLITE_BUSY: ("the database is locked by another program", "Close the program that has it open"),
    sqlite3.SQLITE_CANTOPEN: ("the database file cannot be opened", "Check that its directory exists and is writable"),
    sqlite3.SQLITE_CORRUPT: ("the database file is damaged", "Restore a backup"),
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space on the disk of the database"),
    sqlite3.SQLITE_IOERR: ("the disk cannot be read or written", "Check the disk of the database"),
    sqlite3.SQLITE_LOCKED: ("the database is locked", "Try again"),
    sqlite3.SQLITE_NOMEM: ("there is not enough memory", "Free some memory"),
    sqlite3.SQLITE_NOTADB: ("the file is not an SQLite database", "Set DATABASE_URL to another file"),
    sqlite3.SQLITE_READONLY: ("the database file is read-only", "Make the file and its directory writable"),
}

T = TypeVar("T")


def require_version(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise StorageError if this SQLite is too old."""
    if version < OLDEST:
        found, oldest = (".".join(map(str, parts)) for parts in (version, OLDEST))
        raise StorageError(
            problem=f"SQLite {found} is too old", fix=f"Use a Python that is linked to SQLite {oldest} or newer"
        )


def has_wal_reset_bug(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Return whether two connections that write or checkpoint at the same time could corrupt a WAL file.

    Easel has only one connection that writes, so this is logged but does not prevent startup.
    https://www.sqlite.org/wal.html, "The WAL-reset bug": fixed in 3.51.3, 3.50.7 and 3.44.6.
    """
    return version < (3, 51, 3) and not ((3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45))


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the only connection that writes: it uses WAL, and every commit is on disk before it returns."""
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, cached_statements=_CACHED_STATEMENTS, check_same_thread=False
    )
    try:
        _make_durable(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_durable(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(
            problem=f"SQLite cannot use a write-ahead log here (mode {mode})", fix="Put it on a local disk"
        )
    # With WAL, NORMAL could lose the last commits in a power failure, and members have seen their charges.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
    connection.execute("PRAGMA foreign_keys = ON")
    # Erased data must not remain in the free parts of pages.
    connection.execute("PRAGMA secure_delete = ON")
    _need_no_temporary_folder(connection)


def _need_no_temporary_folder(connection: sqlite3.Connection) -> None:
    # A savepoint may need a temporary file. A container whose root file system is read-only has no folder for one,
    # and then each statement after it would fail (SQLITE_IOERR_GETTEMPPATH).
    connection.execute("PRAGMA temp_store = MEMORY")


def connect_reader(path: Path, *, alone: bool = False) -> sqlite3.Connection:
    """Open a connection that can only read; only one thread at a time may use it.

    With `alone`, the write-ahead log and other connections are ignored, so nobody may be writing.
    """
    connection = sqlite3.connect(
        read_only(path) + ("&immutable=1" if alone else ""),
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        cached_statements=_CACHED_STATEMENTS,
        check_same_thread=False,
    )
    try:
        _need_no_temporary_folder(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_only(path: Path) -> str:
    """Return the URI that opens this database without ever writing to it."""
    return path.absolute().as_uri() + "?mode=ro"


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> tuple[str, int]:
    """Return a statement with `?1…?n` instead of `$1…$n`, and the number of values that it needs."""
    return _PLACEHOLDER.sub(r"?\1", sql), max(map(int, _PLACEHOLDER.findall(sql)), default=0)


def bound(statement: Statement) -> tuple[str, tuple[SqlValue, ...]]:
    """Return a statement and its values as SQLite needs them: it would bind `$n` by name, or by first appearance.

    It binds `?n` by number, and without the dictionary that names need. Raises ValueError if placeholders and values
    do not match, which SQLite itself would accept.
    """
    sql, needed = _numbered(statement.sql)
    if needed != len(statement.values):
        raise ValueError(f"{len(statement.values)} values for {needed} placeholders: {statement.sql}")
    return sql, statement.values


def fetch(connection: sqlite3.Connection, statement: Statement) -> Rows:
    """Run one statement and return all its rows. A partly read cursor would keep its transaction open."""
    return cast("Rows", connection.execute(*bound(statement)).fetchall())


def drive(connection: sqlite3.Connection, operation: Operation[T]) -> T:
    """Run an operation's statements one after the other and return its result."""
    try:
        statement = next(operation)
        while True:
            statement = operation.send(fetch(connection, statement))
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        operation.close()


def storage_error(error: Exception) -> Exception:
    """Translate an error that a person can fix into a StorageError; return any other error unchanged."""
    code = getattr(error, "sqlite_errorcode", None)
    known = _UNUSABLE.get(code & 0xFF) if isinstance(code, int) else None
    if known is None:
        return error
    translated = StorageError(problem=known[0], fix=known[1])
    translated.__cause__ = error
    return translated
