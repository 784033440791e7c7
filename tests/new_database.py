"""A new database for a test that is not about migrations: applying them takes longer than most tests."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.schema import migrate


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "easel.db"
        migrate(path)
        return path.read_bytes()


async def open_new(path: Path) -> SqliteDatabase:
    """Open a database that has the current schema and no rows."""
    with path.open("xb") as file:
        file.write(_migrated())
    return await SqliteDatabase.open(path)
