"""Statements, and the operations that are made of them.

An operation is a generator that yields statements and is sent their rows. It does no I/O itself, so the same code
works with every database: the driver runs it in a transaction, completely or not at all. It is pure: ids and times are
arguments, so a driver may run it again. It never catches a database error; conflicts are handled by ON CONFLICT.

    def rename(guild: int, name: str) -> Operation[bool]:
        rows = yield Statement("UPDATE guild SET name = $2 WHERE id = $1 RETURNING id", guild, name)
        return bool(rows)

    renamed = await database.run(lambda: rename(1, "atelier"))

An operation may `yield from` others; together they are one transaction. If one raises, all of it is rolled back.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

SqlValue = int | str | bytes | None
"""The value of a column. Times are integer milliseconds since 1970, booleans are 0 or 1, documents are JSON text."""

Row = Sequence[SqlValue]
Rows = list[tuple[SqlValue, ...]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, init=False)
class Statement:
    """One SQL statement with `$1…$n` placeholders and their values."""

    sql: str
    values: tuple[SqlValue, ...]

    def __init__(self, sql: str, *values: SqlValue) -> None:
        object.__setattr__(self, "sql", sql)
        object.__setattr__(self, "values", values)


Operation = Generator[Statement, Rows, T]

MAX_KEYS = 500
"""The maximum number of keys in one statement. SQLite allows 32,766 parameters, PostgreSQL 65,535.
https://www.sqlite.org/limits.html
"""


def select_in(sql: str, keys: Collection[SqlValue], *values: SqlValue) -> Operation[Rows]:
    """Run a SELECT for many keys, in statements with at most MAX_KEYS keys each, and return all rows.

    `{keys}` in `sql` is replaced with the keys' placeholders; the placeholders of `values` come before them. SQLite and
    PostgreSQL share no other form: SQLite has no arrays, PostgreSQL has no json_each. The order that `sql` asks for
    applies within each statement only.
    """
    every, rows = list(keys), Rows()
    for begin in range(0, len(every), MAX_KEYS):
        chunk = every[begin : begin + MAX_KEYS]
        names = ", ".join(f"${number}" for number in range(len(values) + 1, len(values) + len(chunk) + 1))
        rows += yield Statement(sql.replace("{keys}", names), *values, *chunk)
    return rows


def each(operations: Iterable[Operation[T]]) -> Operation[list[T]]:
    """Run operations one after the other in one transaction, and return their results."""
    results = list[T]()
    for operation in operations:
        results.append((yield from operation))
    return results


class Database(Protocol):
    """A database that runs operations. Both methods may be called from any task at any time."""

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction and return its result once it is on disk.

        Errors of the operation are raised here, in which case none of it is stored. Cancelling the caller does not stop
        the operation: run it again with the same key to learn its result.
        """
        ...

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs on a read-only connection, in one short read transaction.

        It sees the last commit. Decisions about money are never based on it, because it may be outdated immediately.
        """
        ...
