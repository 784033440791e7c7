"""Database files for tests of the command line: sound, damaged, from other programs, and from a later version."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.ledger.accounts import Ledger
from tests.new_database import open_new


def sound(folder: Path) -> str:
    """Create a database with some credits and return its DATABASE_URL."""
    asyncio.run(_filled(folder / "ledger.db"))
    return "sqlite:///ledger.db"


def damaged(folder: Path) -> str:
    """Create a database in which a balance was changed by hand."""
    return altered(folder, "UPDATE account SET available = available + 1 WHERE kind = 'pool'")


def altered(folder: Path, sql: str) -> str:
    """Create a database and change it with an SQL statement."""
    address = sound(folder)
    change(folder, sql)
    return address


def change(folder: Path, sql: str) -> None:
    """Change the database of `sound` with an SQL statement."""
    with closing(sqlite3.connect(folder / "ledger.db")) as connection, connection:
        connection.execute(sql)


async def _filled(path: Path) -> None:
    database = await open_new(path)
    await Ledger(database).mint(1, 5_000, key="first", actor=2, reason="a test", at_ms=3)
    await database.close()
