"""Connections that only read, in short transactions: a long one would keep the write-ahead log from shrinking."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Self, TypeVar, cast

import aiosqlite

from bot.errors import StorageError
from bot.storage.operation import Operation, Rows
from bot.storage.sqlite.connection import BUSY_S, bind, read_only, storage_error

T = TypeVar("T")


class Readers:
    """A few read-only connections, lent to one operation at a time."""

    def __init__(self, connections: list[aiosqlite.Connection]) -> None:
        self._count = len(connections)
        self._closing = False
        self._idle: asyncio.Queue[aiosqlite.Connection] = asyncio.LifoQueue()
        for connection in connections:
            self._idle.put_nowait(connection)

    @classmethod
    async def open(cls, path: Path, count: int) -> Self:
        """Open that many. Raises StorageError where the file cannot be read."""
        connections: list[aiosqlite.Connection] = []
        try:
            for _ in range(count):
                connection = aiosqlite.connect(read_only(path), uri=True, timeout=BUSY_S, isolation_level=None)
                # A daemon, like the writer: a program that broke before it could close must still end. aiosqlite has
                # no public way to say so; before 0.22 the connection was the thread itself.
                cast("Thread", getattr(connection, "_thread", connection)).daemon = True
                connections.append(await connection)
        except BaseException as error:
            for connection in connections:
                await connection.close()
            if isinstance(error, sqlite3.Error):
                raise storage_error(error) from error
            raise
        return cls(connections)

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs in one read transaction: it sees one moment."""
        if self._closing:
            raise StorageError(problem="the database is closed", fix="Start Easel again")
        connection = await self._idle.get()
        try:
            return await _drive(connection, operation())
        except sqlite3.Error as error:
            raise storage_error(error) from error
        finally:
            self._idle.put_nowait(connection)

    async def close(self) -> None:
        """Wait for the reads under way, then close."""
        if self._closing:
            return
        self._closing = True
        for _ in range(self._count):
            connection = await self._idle.get()
            await connection.close()


async def _drive(connection: aiosqlite.Connection, operation: Operation[T]) -> T:
    try:
        await connection.execute("BEGIN")
        statement = next(operation)
        while True:
            rows = await connection.execute_fetchall(statement.sql, bind(statement))
            statement = operation.send(cast("Rows", rows))
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        operation.close()
        # Also after a cancellation: it is queued behind the statement that may still be running.
        await connection.rollback()
