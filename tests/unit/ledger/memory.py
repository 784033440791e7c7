"""An in-memory ledger with the same schema and operations but no threads or disk, for tests of thousands of steps."""

import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import cache
from typing import Any, TypeVar

from bot.storage.migrations import available
from bot.storage.operation import Operation
from bot.storage.sqlite.connection import drive
from bot.storage.sqlite.schema import PACKAGE

T = TypeVar("T")


@cache
def _migrated() -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in available(PACKAGE):
            connection.executescript(migration.sql)
        return connection.serialize()


class MemoryDatabase:
    """A Database whose methods never wait."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.deserialize(_migrated())
        self.connection.execute("PRAGMA foreign_keys = ON")

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        self.connection.execute("BEGIN")
        try:
            result = drive(self.connection, operation())
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        return drive(self.connection, operation())

    def close(self) -> None:
        self.connection.close()


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise AssertionError("it waited")
