"""Copies a database that may be in use: the copy is complete and checked, or does not appear at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.private_files import create_file, to_disk
from bot.storage.sqlite.connection import connect_reader, storage_error

FINDINGS_MAX = 10


def backup(source: Path, target: Path) -> None:
    """Copy a database to `target`, which must not exist. Blocks; may run while the bot does.

    The copy is compact and needs no -wal file. Raises StorageError if it cannot be made or is damaged.
    """
    if not source.exists():
        raise StorageError(problem=f"there is no database at {source}", fix="Check DATABASE_URL")
    require_content(source)
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
        create_file(partial)  # SQLite keeps its mode
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
    """Let a copy say that it is one, so that the first start after it was restored knows (see `copy_mark`)."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'copy_mark'").fetchall():
            connection.execute("INSERT OR IGNORE INTO copy_mark (id) VALUES (1)")


def require_content(path: Path) -> None:
    """Raise StorageError if the file is empty: a new database never is, so this one has lost its content."""
    if path.stat().st_size == 0:
        raise StorageError(
            problem=f"{path} is empty, so the database that was there is lost",
            fix="Restore a backup, or delete the empty file to begin anew",
        )


def check(path: Path, *, quick: bool = False) -> None:
    """Raise StorageError if SQLite finds this file damaged; `quick` does not compare indexes with their tables."""
    if findings := damage(path, quick=quick):
        raise StorageError(problem=f"{path} is damaged: {'; '.join(findings)}", fix="Restore a backup")


def damage(path: Path, *, quick: bool = False) -> list[str]:
    """Return what SQLite finds wrong in this file. Reads all of it, and may run while the bot does."""
    # A statement that only uses sound pages does not notice the others, so nobody would know until it is too late.
    pragma = f"PRAGMA {'quick_check' if quick else 'integrity_check'}({FINDINGS_MAX})"
    try:
        with closing(connect_reader(path)) as connection:
            findings = [" ".join(str(row[0]).split()) for row in connection.execute(pragma)]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:  # too damaged for a list
            return [str(error)]
        raise storage_error(error) from error
    return [] if findings == ["ok"] else findings
