"""Schema changes as numbered files, forward only: `NNNN_name.sql`, found in a driver's package.

What was applied is remembered with a checksum; this module compares the two, a driver applies what is missing.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.errors import StorageError

_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One schema change: its SQL and the SHA-256 of it."""

    number: int
    name: str
    sql: str
    checksum: str

    @classmethod
    def of(cls, number: int, name: str, sql: str) -> "Migration":
        """Make one of its text; line endings do not count."""
        text = sql.replace("\r\n", "\n")
        return cls(number, name, text, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Applied:
    """What a database remembers of one schema change."""

    number: int
    name: str
    checksum: str


def available(package: str) -> tuple[Migration, ...]:
    """Every migration in this package, in order. Raises StorageError where two have the same number."""
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

    Raises StorageError where the database is newer than this code, or was made by other files than these.
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
