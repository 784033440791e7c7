"""What storage runs: statements, and operations made of them.

An operation is a generator that yields statements and is sent their rows. It does no I/O itself, so one text serves
every database: the driver runs it inside a transaction of its own, wholly or not at all. It is pure: its ids and times
are arguments, so a driver may run it again. It never catches a database error; conflicts go through ON CONFLICT.

    def rename(guild: int, name: str) -> Operation[bool]:
        rows = yield Statement("UPDATE guild SET name = $2 WHERE id = $1 RETURNING id", guild, name)
        return bool(rows)

    renamed = await database.run(lambda: rename(1, "atelier"))

An operation may `yield from` others; together they are one transaction. An operation that raises is undone.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

SqlValue = int | str | bytes | None
"""What a column may hold. Times are integer milliseconds since 1970, truth is 0 or 1, documents are JSON text."""

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
"""Keys in one statement: SQLite allows 32,766 parameters (https://www.sqlite.org/limits.html), PostgreSQL 65,535."""


def select_in(sql: str, keys: Collection[SqlValue], *values: SqlValue) -> Operation[Rows]:
    """Run a SELECT for many keys in one statement for each MAX_KEYS of them, and return all rows.

    `{keys}` in `sql` becomes the keys' placeholders; those of `values` come before them. A list of parameters is the
    one form that SQLite and PostgreSQL share: SQLite has no arrays, PostgreSQL has no json_each. Rows are in the order
    of `sql` within a statement only.
    """
    every, rows = list(keys), Rows()
    for begin in range(0, len(every), MAX_KEYS):
        chunk = every[begin : begin + MAX_KEYS]
        names = ", ".join(f"${number}" for number in range(len(values) + 1, len(values) + len(chunk) + 1))
        rows += yield Statement(sql.replace("{keys}", names), *values, *chunk)
    return rows


class Database(Protocol):
    """Where operations run. Both methods may be called from any task at any time."""

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction and return its result once it is on disk.

        What the operation raises comes out here, and then nothing of it is stored. Cancelling the caller does not
        stop the operation: ask again by its key to learn what became of it.
        """
        ...

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs on a read-only connection, in one short read transaction.

        It sees the last commit. Money is never decided on what a read says.
        """
        ...
