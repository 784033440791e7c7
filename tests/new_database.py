"""Opens databases for tests that are not about migrations. A new one is copied, because migrating takes longer."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.storage.owned_database import OwnedDatabase
from bot.storage.postgres.driver import PostgresDatabase
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.schema import migrate

ADDRESS_FILE = "postgresql-url"
"""A file of this name in a test's folder contains the address of the empty database that the test gets."""


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "easel.db"
        migrate(path)
        return path.read_bytes()


def write_new(path: Path) -> None:
    """Write a database with the current schema and no rows to a file that only its owner can read."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_migrated())


def served_in(folder: Path) -> str | None:
    """Return the address of a test's database if it is on a server."""
    file = folder / ADDRESS_FILE
    return file.read_text() if file.exists() else None


async def open_new(path: Path) -> OwnedDatabase:
    """Open a database that has the current schema and no rows: in a file, or on a server (see `each_driver`)."""
    if served := served_in(path.parent):
        return await PostgresDatabase.open(served)
    write_new(path)
    return await SqliteDatabase.open(path)


async def open_existing(path: Path) -> OwnedDatabase:
    """Open a database again that `open_new` opened, and that has been closed since."""
    if served := served_in(path.parent):
        return await PostgresDatabase.open(served)
    return await SqliteDatabase.open(path)
