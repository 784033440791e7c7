"""Copies a database that may be in use: the copy is complete and checked, or does not appear at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.private_files import create_file, to_disk
from bot.storage.sqlite.connection import connect_reader, storage_error
from bot.storage.sqlite.integrity import check, require_own_content


def backup(source: Path, target: Path) -> None:
    """Copy a database to `target`, which must not exist. Blocks; may run while the bot does.

    The copy is compact and needs no -wal file. Raises StorageError if it cannot be made or is damaged.
    """
    if not source.exists():
        raise StorageError(problem=f"there is no database at {source}", fix="Check DATABASE_URL")
    require_own_content(source)
    if target.exists():
        raise StorageError(problem=f"{target} already exists", fix="Choose another name; nothing was overwritten")
    partial = target.with_name(target.name + ".partial")
    try:
        _copy(source, partial, target)
    except sqlite3.Error as error:
        raise storage_error(error) from error
    except OSError as error:
        raise StorageError(problem=f"{target} cannot be written: {error.strerror}", fix="Check the folder") from error


def _copy(source: Path, partial: Path, target: Path) -> None:
    partial.unlink(missing_ok=True)
    try:
        create_file(partial)  # SQLite keeps the mode of an existing file
        with closing(connect_reader(source)) as connection:
            # Unlike copying the file, this includes commits that are still in the -wal file.
            connection.execute("VACUUM INTO ?", (str(partial),))
        _mark(partial)
        check(partial)
        # On disk before the rename: after a power failure the target is either complete or absent.
        to_disk(partial)
        partial.rename(target)
        to_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _mark(copy: Path) -> None:
    """Mark a copy as a copy, so that the bot recognizes it at the first startup after a restore (see `copy_mark`)."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'copy_mark'").fetchall():
            connection.execute("INSERT OR IGNORE INTO copy_mark (id) VALUES (1)")
