"""Reads a database file that no process has open, without leaving files next to it.

SQLite creates a log and an index of it (`-wal`, `-shm`) even for a connection that only reads, and a read-only
connection does not remove them. It creates none for a file that it is told never changes (`immutable`). That is only
true until someone opens the database, so data that was read in this way is then read again.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.errors import StorageError

T = TypeVar("T")

State = tuple[bool, int, int, int]


async def read_undisturbed(path: Path, read: Callable[[bool], Awaitable[T]]) -> T:
    """Return what `read` returns. Its argument is whether to open the database as a file that never changes."""
    before = _state(path)
    if not before[0]:
        return await read(False)
    try:
        found = await read(True)
    except (StorageError, sqlite3.Error):
        if _state(path) == before:
            raise
    else:
        if _state(path) == before:
            return found
    return await read(False)


def is_closed(path: Path) -> bool:
    """Return whether nobody has a database open and its last owner closed it: an open one has a log next to it."""
    return not any(path.with_name(f"{path.name}{ending}").exists() for ending in ("-wal", "-shm"))


def _state(path: Path) -> State:
    about = path.stat()
    return is_closed(path), about.st_ino, about.st_size, about.st_mtime_ns
