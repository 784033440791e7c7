"""Migrates a PostgreSQL database to the schema of this version, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import cast

import structlog

from bot.errors import OlderSchema, StorageError
from bot.storage.identity import owners
from bot.storage.migrations import Applied, Migration, available, pending
from bot.storage.postgres.connection import ServerConnection, database_name, shown
from bot.storage.postgres.server_errors import is_refused, storage_error
from bot.storage.postgres.typed_statements import drive

PACKAGE = "bot.storage.postgres"

_REMEMBER = """
CREATE TABLE IF NOT EXISTS migration (
    number     BIGINT PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    checksum   TEXT COLLATE "C" NOT NULL,
    applied_ms BIGINT NOT NULL
)
"""

_log = structlog.get_logger(__name__)


async def migrate(
    connection: ServerConnection, url: str, known: Sequence[Migration] | None = None
) -> tuple[Migration, ...]:
    """Apply the missing migrations and return them. No other process may use the database while this runs.

    `known` defaults to the migrations of this version. Raises StorageError if the database belongs to another
    program, is newer than this code, or was made with different schema files, or if a migration fails, which then
    changes nothing.
    """
    done = await applied(connection, url)
    todo = pending(available(PACKAGE) if known is None else known, done)
    if todo:
        await _apply(connection, url, todo)
    if todo and done:
        _log.info("database upgraded", schema=todo[-1].number, before=done[-1].number)
    return todo


async def owners_before_upgrade(connection: ServerConnection, url: str) -> Mapping[str, str] | None:
    """Return the owners of a database whose schema `migrate` would change; None if it is empty or up to date."""
    done = await applied(connection, url)
    return await drive(connection, owners()) if done and pending(available(PACKAGE), done) else None


async def is_current(connection: ServerConnection, url: str) -> bool:
    """Return whether a database has the schema of this version. Raises StorageError as `migrate` does."""
    done = await applied(connection, url)
    return bool(done) and not pending(available(PACKAGE), done)


async def require_current(connection: ServerConnection, url: str) -> None:
    """Raise OlderSchema or StorageError if a database does not have the schema of this version. Never writes."""
    done = await applied(connection, url)
    if not done:
        raise StorageError(problem=f"{shown(url)} is empty", fix="Start Easel once, or set DATABASE_URL")
    if pending(available(PACKAGE), done):
        raise OlderSchema(
            problem=f"{shown(url)} has the schema of an older version", fix="Start Easel, or run `easel migrate`"
        )


async def applied(connection: ServerConnection, url: str) -> tuple[Applied, ...]:
    """Return the migrations applied to a database. Raises StorageError if it belongs to another program."""
    found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    tables = {str(name) for (name,) in found}
    if not tables:
        return ()
    if "migration" not in tables:
        raise StorageError(
            problem=f"{shown(url)} is a database of another program",
            fix=f"Create one for Easel, and set DATABASE_URL to it instead of {database_name(url)}",
        )
    rows = await connection.fetch("SELECT number, name, checksum FROM migration ORDER BY number")
    return tuple(Applied(*cast("tuple[int, str, str]", tuple(row))) for row in rows)


async def _apply(connection: ServerConnection, url: str, todo: Sequence[Migration]) -> None:
    await connection.execute("BEGIN")
    try:
        await connection.execute(_REMEMBER)
        for migration in todo:
            await _apply_one(connection, migration, url)
        await connection.execute("COMMIT")
    except BaseException as error:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        if isinstance(error, StorageError):
            raise
        raise storage_error(error, shown(url)) from error
    for migration in todo:
        _log.debug("schema change applied", number=migration.number, name=migration.name)


async def _apply_one(connection: ServerConnection, migration: Migration, url: str) -> None:
    try:
        await connection.execute(migration.sql)
        await connection.fetch(
            "INSERT INTO migration (number, name, checksum, applied_ms)"
            " VALUES ($1, $2, $3, (EXTRACT(EPOCH FROM now()) * 1000)::bigint)",
            migration.number,
            migration.name,
            migration.checksum,
        )
    except Exception as error:
        known = storage_error(error, shown(url))
        if isinstance(known, StorageError) or not is_refused(error):
            raise known from error
        raise StorageError(
            problem=f"schema change {migration.number:04}_{migration.name} failed: {error}",
            fix="Report this; the database is unchanged",
        ) from error
