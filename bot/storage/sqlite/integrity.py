"""Finds out whether a database file is whole, has no damaged pages, and has its own write-ahead log next to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.storage.sqlite.connection import connect_reader, storage_error

FINDINGS_MAX = 10
BLOCK_BYTES = 4 << 20
LOG_HEADER_BYTES = 32
"""The size of a write-ahead log without content."""

MAGIC = b"SQLite format 3\0"
USES_A_LOG_AT = 19
USES_A_LOG = b"\x02"
"""This byte of a file says whether it has a write-ahead log, https://www.sqlite.org/fileformat2.html."""


def require_own_content(path: Path) -> None:
    """Raise StorageError if the content of this database is lost, or if the log next to it belongs to another one.

    SQLite writes any log that it finds into the file, even into a new one or into a copy that was put there.
    """
    log = log_of(path)
    if not path.exists():
        if _has_content(log):
            raise StorageError(
                problem=f"{path} is missing, but its log {log.name} is there",
                fix=f"Put the database back, or move {log.name} away to start again",
            )
        return
    if not path.is_file():  # SQLite explains best why it cannot open anything else
        return
    if path.stat().st_size == 0:  # a new database is never empty
        raise StorageError(
            problem=f"{path} is empty, so the database that was there is lost",
            fix="Restore a backup, or delete the empty file to start again",
        )
    if has_foreign_log(path):
        raise StorageError(problem=f"{log.name} is left from another database than {path}", fix=f"Move {log.name} away")


def has_foreign_log(path: Path) -> bool:
    """Return whether the log next to an existing database certainly belongs to another database."""
    return _has_content(log_of(path)) and _has_never_had_a_log(path)


def log_of(path: Path) -> Path:
    """Return the path of a database's write-ahead log."""
    return path.with_name(f"{path.name}-wal")


def check(path: Path, *, quick: bool = False, alone: bool = False) -> None:
    """Raise StorageError if SQLite finds this file damaged; `quick` does not compare indexes with their tables.

    `alone` is explained at `connect_reader`.
    """
    if not (findings := damage(path, quick=quick, alone=alone)):
        return
    fix = "Restore a backup"
    if log_of(path).exists() and not _findings(path, quick=quick, alone=True):
        log = log_of(path).name
        fix = (
            f"If a copy was put here, move {log} away, which is left from another database. Otherwise restore a backup"
        )
    raise StorageError(problem=f"{path} is damaged: {'; '.join(findings)}", fix=fix)


def damage(path: Path, *, quick: bool = False, alone: bool = False) -> list[str]:
    """Return what SQLite finds wrong in this file. Reads all of it, and may run while the bot does."""
    # A statement that only uses sound pages does not notice damaged ones, so nobody would know until it is too late.
    _read_in_order(path)
    return _findings(path, quick=quick, alone=alone)


def _findings(path: Path, *, quick: bool, alone: bool = False) -> list[str]:
    pragma = f"PRAGMA {'quick_check' if quick else 'integrity_check'}({FINDINGS_MAX})"
    try:
        with closing(connect_reader(path, alone=alone)) as connection:
            findings = [" ".join(str(row[0]).split()) for row in connection.execute(pragma)]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:  # too damaged to list the findings
            return [str(error)]
        raise storage_error(error) from error
    return [] if findings == ["ok"] else findings


def _read_in_order(path: Path) -> None:
    """Read the file once, so that it is in the system's cache: SQLite follows its trees from page to page.

    Following the trees of 1.5 GB that were not cached took a minute; after reading them in order it took 16 s in all.
    """
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK_BYTES):
            pass


def _has_content(log: Path) -> bool:
    return log.is_file() and log.stat().st_size > LOG_HEADER_BYTES


def _has_never_had_a_log(path: Path) -> bool:
    """Return whether a database was never used with a log; a copy made by `easel backup` was not."""
    with path.open("rb") as file:
        head = file.read(USES_A_LOG_AT + 1)
    return head.startswith(MAGIC) and head[USES_A_LOG_AT:] != USES_A_LOG
