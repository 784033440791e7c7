"""Databases for the command line to meet: sound, damaged, foreign, from the future."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.ledger.accounts import Ledger
from bot.storage.sqlite.driver import SqliteDatabase


def books(folder: Path) -> str:
    """A guild with some credits; gives the DATABASE_URL."""
    asyncio.run(_filled(folder / "books.db"))
    return "sqlite:///books.db"


def damaged(folder: Path) -> str:
    """The same, with a balance that somebody has changed by hand."""
    return altered(folder, "UPDATE account SET available = available + 1 WHERE kind = 'pool'")


def altered(folder: Path, sql: str) -> str:
    """The same, changed by this statement."""
    address = books(folder)
    with closing(sqlite3.connect(folder / "books.db")) as connection, connection:
        connection.execute(sql)
    return address


async def _filled(path: Path) -> None:
    database = await SqliteDatabase.open(path)
    await Ledger(database).mint(1, 5_000, key="first", actor=2, reason="a test", at_ms=3)
    await database.close()
