"""Read-only connections, the last of which background work never takes.

Their transactions are short, because a long one keeps the write-ahead log from shrinking.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from queue import SimpleQueue
from typing import Self, TypeVar

from bot.errors import StorageError
from bot.storage.background import is_in_background
from bot.storage.operation import Operation
from bot.storage.sqlite.connection import connect_reader, drive, storage_error

CLOSE_S = 0.3
"""How long a read may still take while the database is being closed."""

AGAIN_S = 0.02

T = TypeVar("T")


class Readers:
    """A few read-only connections, each lent to one operation at a time.

    An operation runs from its first statement to its last in one call on one reader thread. aiosqlite hands over each
    statement separately, and switching threads costs more than a small SELECT (docs/architecture.md).
    """

    def __init__(self, connections: list[sqlite3.Connection]) -> None:
        # As many threads as connections, so whichever thread is free always finds a connection. When an interpreter
        # exits without `close`, idle threads of an executor end on their own.
        self._threads = ThreadPoolExecutor(len(connections), thread_name_prefix="easel-reader")
        self._connections = connections
        # One of several connections is kept free for reads that someone is waiting for.
        self._background = asyncio.Semaphore(max(1, len(connections) - 1))
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for connection in connections:
            self._idle.put(connection)
        self._closing = False

    @classmethod
    async def open(cls, path: Path, count: int, *, alone: bool = False) -> Self:
        """Open that many connections. Raises StorageError if the file cannot be read."""
        return cls(await asyncio.to_thread(_connect, path, count, alone=alone))

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs in one read transaction, so that all of them see the same state.

        Cancelling the caller does not stop the operation; its connection returns to the others when it ends.
        """
        if not is_in_background():
            return await self._run(operation)
        async with self._background:
            return await self._run(operation)

    async def _run(self, operation: Callable[[], Operation[T]]) -> T:
        if self._closing:
            raise _is_closed()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, operation)

    async def close(self) -> None:
        """Finish all requested reads, then close the connections. A second call does nothing.

        Long reads are interrupted: they change nothing, and their callers are about to be stopped.
        """
        if self._closing:
            return
        self._closing = True
        ended = asyncio.ensure_future(asyncio.to_thread(self._threads.shutdown))
        await asyncio.wait({ended}, timeout=CLOSE_S)
        while not ended.done():
            for connection in self._connections:
                connection.interrupt()
            await asyncio.wait({ended}, timeout=AGAIN_S)  # other reads may have been waiting for their turn
        for connection in self._connections:
            connection.close()

    def _read(self, operation: Callable[[], Operation[T]]) -> T:
        connection = self._idle.get()
        try:
            connection.rollback()  # does nothing, unless the rollback of an earlier read failed
            connection.execute("BEGIN")
            try:
                return drive(connection, operation())
            finally:
                # Ends the transaction whatever happened: an open one would keep the write-ahead log growing.
                connection.rollback()
        except sqlite3.Error as error:
            interrupted = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
            raise (_is_closed() if interrupted else storage_error(error)) from error
        finally:
            # Even after a failed rollback: a connection that is never returned would leave a thread waiting for it.
            self._idle.put(connection)


def _is_closed() -> StorageError:
    return StorageError(problem="the database is closed", fix="Start Easel again")


def _connect(path: Path, count: int, *, alone: bool) -> list[sqlite3.Connection]:
    with ExitStack() as opened:
        try:
            connections = [opened.enter_context(closing(connect_reader(path, alone=alone))) for _ in range(count)]
        except sqlite3.Error as error:
            raise storage_error(error) from error
        opened.pop_all()
        return connections
