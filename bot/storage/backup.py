"""Copies a database that may be in use: the copy is complete and checked, or does not appear at all."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.storage.sqlite.connection import BUSY_S, read_only, storage_error


def backup(source: Path, target: Path) -> None:
    """Copy a database to `target`, which must not exist. Blocks; may run while the bot does.

    The copy is compact and needs no -wal file. Raises StorageError if it cannot be made or is damaged.
    """
    if not source.exists():
        raise StorageError(problem=f"there is no database at {source}", fix="Check DATABASE_URL")
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
        with closing(sqlite3.connect(read_only(source), uri=True, timeout=BUSY_S, isolation_level=None)) as connection:
            # Unlike copying the file, this includes commits that are still in the -wal file.
            connection.execute("VACUUM INTO ?", (str(partial),))
        _mark(partial)
        check(partial)
        # On disk before the rename: after a power failure the target is either complete or absent.
        _to_disk(partial)
        partial.rename(target)
        _to_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _mark(copy: Path) -> None:
    """Let a copy say that it is one, so that the first start after it was restored knows (see `copy_mark`)."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'copy_mark'").fetchall():
            connection.execute("INSERT OR IGNORE INTO copy_mark (id) VALUES (1)")


def check(path: Path) -> None:
    """Raise StorageError if SQLite finds this file damaged."""
    with closing(sqlite3.connect(read_only(path), uri=True, timeout=BUSY_S)) as connection:
        findings = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    if findings != ["ok"]:
        raise StorageError(problem=f"{path} is damaged: {'; '.join(findings)}", fix="Restore a backup")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
