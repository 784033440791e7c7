"""A table of notes and its operations, for tests that need one."""

from bot.storage.operation import Operation, Rows, SqlValue, Statement


def create() -> Operation[None]:
    yield Statement("CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT, data BYTEA)")


def write(number: int, text: str | None = None) -> Operation[int]:
    rows = yield Statement("INSERT INTO note (id, text) VALUES ($1, $2) RETURNING id", number, text)
    (row,) = rows
    return _integer(row[0])


def numbers() -> Operation[list[int]]:
    rows = yield Statement("SELECT id FROM note ORDER BY id")
    return [_integer(row[0]) for row in rows]


def _integer(value: SqlValue) -> int:
    assert isinstance(value, int)
    return value


def select(sql: str, *values) -> Operation[Rows]:
    return (yield Statement(sql, *values))


class Regret(Exception):
    """An error that an operation raises after it has written."""


def write_and_regret(number: int) -> Operation[None]:
    yield from write(number)
    raise Regret(number)
