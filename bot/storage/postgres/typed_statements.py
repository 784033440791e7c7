"""Runs an operation's statements on a PostgreSQL connection, with rows exactly as SQLite returns them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import TypeVar, cast

from bot.storage.operation import Operation, Rows, SqlValue, Statement
from bot.storage.postgres.connection import ServerConnection

T = TypeVar("T")

_PLACEHOLDER = re.compile(r"\$(\d+)")
_TYPES = ((int, "bigint"), (str, "text"), (bytes, "bytea"))

NUL, REPLACEMENT = "\0", "\N{REPLACEMENT CHARACTER}"
"""PostgreSQL cannot store NUL, so it is replaced with U+FFFD."""


async def drive(connection: ServerConnection, operation: Operation[T]) -> T:
    """Run an operation's statements one after the other and return its result."""
    try:
        statement = next(operation)
        while True:
            statement = operation.send(await fetch(connection, statement))
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        operation.close()


async def fetch(connection: ServerConnection, statement: Statement) -> Rows:
    """Run one statement and return all its rows."""
    sql = typed(statement.sql, tuple([type(value) for value in statement.values]))
    return rows_of(await connection.fetch(sql, *[_encoded(value) for value in statement.values if value is not None]))


@lru_cache(maxsize=4096)
def typed(sql: str, kinds: tuple[type, ...]) -> str:
    """Write the type of each value next to its placeholder, and NULL in place of None.

    PostgreSQL derives types from the position of a placeholder: next to a literal number, an id would have to fit into
    32 bits, and `$1 IS NULL` has no type at all. SQLite takes the type from the value. Raises ValueError if
    placeholders and values do not match.
    """
    if {int(number) for number in _PLACEHOLDER.findall(sql)} != set(range(1, len(kinds) + 1)):
        raise ValueError(f"{len(kinds)} values do not match the placeholders of: {sql}")
    given = [(number, kind) for number, kind in enumerate(kinds, start=1) if kind is not NoneType]
    names = {number: f"${place}::{_type_of(kind)}" for place, (number, kind) in enumerate(given, start=1)}
    return _PLACEHOLDER.sub(lambda found: names.get(int(found[1]), "NULL"), sql)


def _type_of(kind: type) -> str:
    return next(name for known, name in _TYPES if issubclass(kind, known))


def rows_of(records: Iterable[Sequence[object]]) -> Rows:
    """Return rows with the types that an operation expects: booleans as 0 or 1, and sums as integers."""
    return [tuple(map(_decoded, record)) for record in records]


def _encoded(value: SqlValue) -> SqlValue:
    return int(value) if isinstance(value, bool) else without_nul(value)


def without_nul(value: SqlValue) -> SqlValue:
    """Return a value that PostgreSQL can store."""
    return value.replace(NUL, REPLACEMENT) if isinstance(value, str) and NUL in value else value


def _decoded(value: object) -> SqlValue:
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool | Decimal):
        if value != int(value):
            raise TypeError(f"{value} is not an integer")
        return int(value)
    if isinstance(value, int):
        return value
    raise TypeError(f"no column has values like {value!r}")
