"""Migrates a SQLite file to the schema of this version, after a backup, in one transaction.

Either all missing changes are made or none, so that after a failed upgrade the earlier version can still open the file.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import structlog

from bot.errors import OlderSchema, StorageError
from bot.storage.backup import backup
from bot.storage.identity import owners
from bot.storage.migrations import Applied, Migration, available, pending
from bot.storage.sqlite.connection import BUSY_S, connect_reader, connect_writer, drive, read_only
from bot.storage.sqlite.integrity import require_own_content

PACKAGE = "bot.storage.sqlite"

_REMEMBER = """
CREATE TABLE IF NOT EXISTS migration (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,
    applied_ms INTEGER NOT NULL
) STRICT
"""

_log = structlog.get_logger(__name__)


def migrate(path: Path, known: Sequence[Migration] | None = None) -> tuple[Migration, ...]:
    """Apply the missing migrations and return them. Blocks; no other connection may be open.

    `known` defaults to the migrations of this version. Raises StorageError if the file belongs to another program,
    is newer than this code or was made with different schema files, or if a migration fails, which then changes
    nothing.
    """
    with closing(connect_writer(path)) as connection:
        # Rebuilding a table must not delete rows that refer to it. References are checked before each commit instead.
        connection.execute("PRAGMA foreign_keys = OFF")
        done = applied(connection, path)
        todo = pending(available(PACKAGE) if known is None else known, done)
        if todo and done:
            target = _backup_path(path, todo[0])
            backup(path, target)
            _log.info("database backed up before a schema change", backup=str(target))
        if todo:
            _apply(connection, todo)
    if todo and done:
        _log.info("database upgraded", schema=todo[-1].number, before=done[-1].number)
    return todo


def owners_before_upgrade(path: Path) -> Mapping[str, str] | None:
    """Return the owners of a database whose schema `migrate` would change; None if there is none, or it is current.

    Never writes. Raises StorageError as `migrate` does.
    """
    if not path.exists():
        return None
    with closing(sqlite3.connect(read_only(path), uri=True, timeout=BUSY_S)) as connection:
        done = applied(connection, path)
        return drive(connection, owners()) if done and pending(available(PACKAGE), done) else None


def require_current(path: Path, *, alone: bool = False) -> None:
    """Raise OlderSchema or StorageError if a database does not have the schema of this version. Never writes."""
    if not path.exists():
        raise StorageError(problem=f"there is no database at {path}", fix="Start Easel once, or set DATABASE_URL")
    require_own_content(path)
    with closing(connect_reader(path, alone=alone)) as connection:
        if pending(available(PACKAGE), applied(connection, path)):
            raise OlderSchema(
                problem=f"{path} has the schema of an older version", fix="Start Easel, or run `easel migrate`"
            )


def require_easel(file: Path) -> None:
    """Raise StorageError if a backup is not a database of Easel, or one of a later version. Never writes."""
    try:
        with closing(connect_reader(file)) as connection:
            names = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'")
            done = applied(connection, file) if names.fetchone() else ()
    except sqlite3.Error as error:
        raise StorageError(problem=f"{file} cannot be read: {error}", fix="Choose another backup") from error
    if not done:
        raise StorageError(problem=f"{file} is not a database of Easel", fix="Choose another file")
    pending(available(PACKAGE), done)


def applied(connection: sqlite3.Connection, path: Path) -> tuple[Applied, ...]:
    """Return the migrations applied to a database. Raises StorageError if it belongs to another program."""
    tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return ()
    if "migration" not in tables:
        raise StorageError(problem=f"{path} is a database of another program", fix="Set DATABASE_URL to another file")
    rows = connection.execute("SELECT number, name, checksum FROM migration ORDER BY number").fetchall()
    return tuple(Applied(*cast("tuple[int, str, str]", row)) for row in rows)


def _apply(connection: sqlite3.Connection, todo: Sequence[Migration]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_REMEMBER)
        for migration in todo:
            _apply_one(connection, migration)
        connection.execute("COMMIT")
    finally:
        connection.rollback()
    for migration in todo:
        _log.debug("schema change applied", number=migration.number, name=migration.name)


def _apply_one(connection: sqlite3.Connection, migration: Migration) -> None:
    try:
        # Not executescript, which commits the open transaction first.
        for statement in _statements(migration.sql):
            connection.execute(statement)
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise StorageError(
                problem=f"schema change {migration.number:04}_{migration.name} leaves broken references",
                fix="Report this; the database is unchanged",
            )
        connection.execute(
            "INSERT INTO migration (number, name, checksum, applied_ms)"
            " VALUES (?, ?, ?, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))",
            (migration.number, migration.name, migration.checksum),
        )
    except sqlite3.Error as error:
        raise StorageError(
            problem=f"schema change {migration.number:04}_{migration.name} failed: {error}",
            fix="Report this; the database is unchanged",
        ) from error


def _statements(sql: str) -> Iterator[str]:
    """Yield the statements of a schema file; those of a trigger's body belong to the trigger."""
    statement = ""
    for part in sql.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    rest = statement.removesuffix(";")
    if rest.strip():  # a comment or an incomplete statement, about which SQLite then complains
        yield rest


def _backup_path(path: Path, first: Migration) -> Path:
    """Return a free name in the folder of the database, so that an earlier backup is never overwritten."""
    stem = f"{path.name}.before-{first.number:04}"
    candidates = (path.with_name(stem if count == 0 else f"{stem}.{count}") for count in range(1_000_000))
    return next(candidate for candidate in candidates if not candidate.exists())
