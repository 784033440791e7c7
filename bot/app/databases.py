"""Opens the database that DATABASE_URL specifies, with the driver for it."""

from bot.app.paths import database_path
from bot.errors import SettingsError, StorageError
from bot.settings import Settings
from bot.storage.moved_file import require_not_moved
from bot.storage.owned_database import BeforeUpgrade, OwnedDatabase, ReadableDatabase
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly

SCHEMES = ("postgresql://", "postgres://")

DUMP = 'pg_dump --format=custom --file=FILE "$DATABASE_URL"'
RESTORE = (
    'pg_restore --clean --if-exists --no-owner --single-transaction --dbname="$DATABASE_URL" FILE'
    ' && psql "$DATABASE_URL" -c "INSERT INTO copy_mark (id) VALUES (1) ON CONFLICT DO NOTHING"'
)
"""The inserted row marks the database as a copy for the next start; `easel restore` does the same."""


def is_on_server(settings: Settings) -> bool:
    """Return whether the database is on a PostgreSQL server rather than in a file."""
    return settings.database_url.startswith(SCHEMES)


def shown_database(settings: Settings) -> str:
    """Return what to call the database in a message: its path, or its address without the password."""
    if not is_on_server(settings):
        return str(database_path(settings))
    from bot.storage.postgres.connection import shown  # noqa: PLC0415 - a bot with a file needs no asyncpg

    return shown(settings.database_url)


async def open_database(
    settings: Settings, *, before_upgrade: BeforeUpgrade | None = None, shared_as: str | None = None
) -> OwnedDatabase:
    """Own the database and update its schema. On a server, `shared_as` is this process's name if several share it.

    Raises SettingsError or StorageError if it cannot be used.
    """
    if not is_on_server(settings):
        path = database_path(settings)
        require_not_moved(path)
        return await SqliteDatabase.open(path, before_upgrade=before_upgrade)
    from bot.storage.postgres.driver import PostgresDatabase  # noqa: PLC0415 - as above

    return await PostgresDatabase.open(settings.database_url, before_upgrade=before_upgrade, shared_as=shared_as)


async def open_readable(settings: Settings) -> ReadableDatabase:
    """Open the database for reading, whether or not the bot is running. Raises SettingsError or StorageError."""
    if not is_on_server(settings):
        return await open_readonly(database_path(settings))
    from bot.storage.postgres import driver  # noqa: PLC0415 - as above

    return await driver.open_readonly(settings.database_url)


async def is_in_use(settings: Settings) -> bool:
    """Return whether a bot owns a database on a server. Raises StorageError if the server cannot tell."""
    from bot.storage.postgres.owner import is_owned  # noqa: PLC0415 - as above

    return await is_owned(settings.database_url)


async def is_empty(settings: Settings) -> bool:
    """Return whether a database on a server has no tables yet. Raises StorageError if it cannot be read."""
    from bot.storage.postgres.driver import is_empty  # noqa: PLC0415 - as above

    return await is_empty(settings.database_url)


def refuse_on_server(settings: Settings, command: str, instead: str) -> None:
    """Raise StorageError if a command for files is used with a database on a server."""
    if is_on_server(settings):
        raise StorageError(
            problem=f"`easel {command}` is for SQLite files only", fix=f"With PostgreSQL, use: {instead}"
        )


def refuse_scheduled_copies(settings: Settings) -> None:
    """Raise SettingsError if BACKUP_EVERY is set with a database on a server."""
    if settings.backup_every and is_on_server(settings):
        raise SettingsError(
            name="BACKUP_EVERY",
            problem="copies SQLite files only",
            fix=f"Set it to 0, and let a timer run: {DUMP}",
        )
