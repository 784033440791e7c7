"""Schema changes as numbered files, forward only: `NNNN_name.sql` in a driver's package.

The database records each applied file with its checksum. This module compares records and files; a driver applies what
is missing.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.errors import StorageError

_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """A schema change: its SQL, and the SHA-256 hash of the SQL."""

    number: int
    name: str
    sql: str
    checksum: str

    @classmethod
    def of(cls, number: int, name: str, sql: str) -> "Migration":
        """Create a migration from its SQL; the kind of line endings does not matter."""
        text = sql.replace("\r\n", "\n")
        return cls(number, name, text, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Applied:
    """A schema change as a database records it."""

    number: int
    name: str
    checksum: str


@cache  # they are needed twice at startup
def available(package: str) -> tuple[Migration, ...]:
    """Return all migrations in this package, in order. Raises StorageError if two have the same number."""
    found: dict[int, Migration] = {}
    for file in files(package).iterdir():
        if match := _NAME.fullmatch(file.name):
            number = int(match["number"])
            if number in found:
                raise StorageError(problem=f"two schema files have the number {number:04}", fix="Renumber one")
            found[number] = Migration.of(number, match["name"], file.read_text(encoding="utf-8"))
    return tuple(found[number] for number in sorted(found))


def pending(known: Sequence[Migration], applied: Sequence[Applied]) -> tuple[Migration, ...]:
    """Return the migrations still to be applied, in order.

    Raises StorageError if the database is newer than this code, or was made with different files.
    """
    by_number = {migration.number: migration for migration in known}
    newest = max((done.number for done in applied), default=-1)
    for done in applied:
        _same(done, by_number.get(done.number))
    todo = tuple(migration for migration in known if migration.number not in {done.number for done in applied})
    for migration in todo:
        if migration.number < newest:
            raise StorageError(
                problem=f"schema file {migration.number:04}_{migration.name} appeared after {newest:04} was applied",
                fix="Give it the next free number",
            )
    return todo


def _same(done: Applied, ours: Migration | None) -> None:
    if ours is None:
        raise StorageError(
            problem=f"the database has schema change {done.number:04}_{done.name}, which this version does not know",
            fix="Use the version of Easel that last opened it, or a newer one",
        )
    if ours.checksum != done.checksum:
        raise StorageError(
            problem=f"schema file {done.number:04}_{done.name} is not the one that was applied to this database",
            fix="Restore the file; changes go into a new one",
        )
