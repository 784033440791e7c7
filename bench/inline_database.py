"""A database without threads, because simulated time does not wait for threads."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from bot.storage.operation import Operation
from bot.storage.sqlite.connection import drive

T = TypeVar("T")


class InlineDatabase:
    """Runs each operation at once, on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        return drive(self._connection, operation())

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        return drive(self._connection, operation())
