"""Renames the file of a database that was moved to a server, so that no bot starts with it by mistake."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.private_files import to_disk
from bot.storage.sqlite.connection import connect_writer


def set_aside(path: Path) -> Path:
    """Merge a database's log into it, rename it, and return its new path. Blocks; the caller owns the database.

    Raises StorageError if another program has it open, or if its folder cannot be written; the file then keeps its
    name.
    """
    moved = next(name for name in _names(path) if not name.exists())
    try:
        with closing(connect_writer(path)) as connection:
            # In any other mode, its last commits would be in a log, which SQLite finds by the name of the file.
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise StorageError(problem=f"another program uses {path}", fix=f"Stop it, and rename the file to {moved}")
        path.rename(moved)
        to_disk(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            problem=f"{path} cannot be renamed ({error})", fix=f"Rename it to {moved} before you start the bot"
        ) from error
    return moved


def require_not_moved(path: Path) -> None:
    """Raise StorageError if a database is no longer here because it was moved: a bot would start with an empty one."""
    moved = next(_names(path))
    if moved.exists() and not path.exists():
        raise StorageError(
            problem=f"the database {path} was moved to a server",
            fix=f"Set DATABASE_URL to its address, or rename {moved} if you want to return to that state",
        )


def _names(path: Path) -> "itertools.chain[Path]":
    numbered = (path.with_name(f"{path.name}.moved.{number}") for number in itertools.count(2))
    return itertools.chain([path.with_name(f"{path.name}.moved")], numbered)
