"""The thread that writes: all operations that queued up during the last commit are committed together.

Operations that people are waiting for come first: a batch of background operations ends early if one arrives.
Operations run without savepoints until one of a batch fails. Then those before it run again, which is safe because
they are pure, and the rest of the batch runs with savepoints.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from bot.errors import StorageError
from bot.storage.background import is_in_background
from bot.storage.operation import Operation
from bot.storage.sqlite.connection import drive, storage_error

BATCH = 256
"""The largest number of operations in one commit, so that the first one does not wait long for the last."""

PASSED_OVER, LEAST = 8, 8
"""After PASSED_OVER commits without any of the waiting background operations, one takes at least LEAST of them."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Request:
    operation: Callable[[], Operation[object]]
    future: asyncio.Future[object]
    between: Callable[[sqlite3.Connection], object] | None = None
    background: bool = False


class _Line:
    """The waiting requests. Any thread may add one; the other methods are for the thread that writes."""

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._urgent: deque[_Request] = deque()
        self._background: deque[_Request] = deque()
        self._ended = False
        self._passed_over = 0

    def put(self, request: _Request | None) -> None:
        """Add a request, or None after the last one."""
        self._arrived.put(request)

    def wait(self) -> bool:
        """Wait until there is a request. Return False if there will be none."""
        while not self._urgent and not self._background and not self._ended:
            self._sort(self._arrived.get())
        self._look()
        return bool(self._urgent or self._background)

    def batch(self) -> Iterator[_Request]:
        """Take the requests of the next commit, one after the other: those that people are waiting for first."""
        least, taken = LEAST if self._passed_over >= PASSED_OVER else 0, 0
        urgent = min(len(self._urgent), BATCH - least)
        for _ in range(urgent):
            yield self._urgent.popleft()
        self._look()
        while self._background and urgent + taken < BATCH and (taken < least or not self._urgent):
            taken += 1
            yield self._background.popleft()
            self._look()
        self._passed_over = self._passed_over + 1 if self._background and not taken else 0

    def _look(self) -> None:
        while not self._arrived.empty():
            self._sort(self._arrived.get_nowait())

    def _sort(self, request: _Request | None) -> None:
        if request is None:
            self._ended = True
        else:
            (self._background if request.background else self._urgent).append(request)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class _TransactionLost(Exception):
    """SQLite rolled back the whole batch because of one statement, as it does when the disk is full."""


class Writer:
    """Runs operations, each completely or not at all, and returns when they are on disk.

    Operations that people are waiting for run in order of arrival, and before background operations.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Start the thread. `connect` is called on it, now and after a broken transaction."""
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._loop = asyncio.get_running_loop()
        self._line = _Line()
        self._ended = self._loop.create_future()
        self._closing = False
        # A daemon, so that a program that forgot to close can still exit. No caller learns that its operation is
        # done before the commit, so nothing confirmed is lost.
        self._thread = threading.Thread(target=self._work, name="easel-writer", daemon=True)
        self._thread.start()

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in the next batch. Raises StorageError after `close`."""
        return cast("T", await self._request(operation))

    async def between(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call a function with the connection between two transactions, for work that is not allowed within one."""
        return cast("T", await self._request(_nothing, work))

    async def close(self) -> None:
        """Finish all requested operations, then end the thread."""
        if not self._closing:
            self._closing = True
            self._line.put(None)
        await asyncio.shield(self._ended)

    async def _request(
        self,
        operation: Callable[[], Operation[object]],
        between: Callable[[sqlite3.Connection], object] | None = None,
    ) -> object:
        if self._closing:
            raise StorageError(problem="the database is closed", fix="Start Easel again")
        future: asyncio.Future[object] = self._loop.create_future()
        self._line.put(_Request(operation, future, between, is_in_background()))
        return await future

    def _work(self) -> None:
        while self._line.wait():
            batch, outcomes = self._commit()
            # Outcomes of transactions first: work that runs between them may take a while.
            plain = [(one, outcome) for one, outcome in zip(batch, outcomes, strict=True) if one.between is None]
            self._call_in_loop(_answer, [one for one, _ in plain], [outcome for _, outcome in plain])
            for request in batch:
                if request.between is not None:
                    self._call_in_loop(_answer, [request], [self._between(request.between)])
        self._disconnect()
        self._call_in_loop(_finish, self._ended)

    def _commit(self) -> tuple[Sequence[_Request], Sequence[object]]:
        """Run the next batch, and return its requests with their outcomes."""
        batch: list[_Request] = []
        outcomes: list[object] = []
        line = self._line.batch()
        try:
            if self._connection is None:
                self._connection = self._connect()
            # IMMEDIATE takes the write lock now: a lock taken later could fail in the middle of the batch.
            self._connection.execute("BEGIN IMMEDIATE")
            is_careful = False
            for request in line:
                batch.append(request)
                if is_careful:
                    outcomes.append(_attempt(self._connection, request.operation))
                    continue
                outcome = _attempt_bare(self._connection, request.operation)
                if isinstance(outcome, _Failed):
                    outcomes, is_careful = [_attempt(self._connection, one.operation) for one in batch[:-1]], True
                outcomes.append(outcome)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - raised to every caller in the batch
            # The connection may be in any state. Closing it rolls it back, and the next batch gets a new one.
            self._disconnect()
            cause = error.__cause__ if isinstance(error, _TransactionLost) else error
            batch += line
            return batch, [_Failed(_lost(cause)) for _ in batch]
        return batch, outcomes

    def _between(self, work: Callable[[sqlite3.Connection], object]) -> object:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return work(self._connection)
        except Exception as error:  # noqa: BLE001 - raised to the caller
            self._disconnect()
            return _Failed(storage_error(error))

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _call_in_loop(self, call: Callable[..., None], *values: object) -> None:
        # The event loop may have been closed by now; then no caller is waiting.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *values)


def _nothing() -> Operation[object]:
    return None
    yield  # pragma: no cover - makes this a generator


def _attempt_bare(connection: sqlite3.Connection, operation: Callable[[], Operation[object]]) -> object:
    """Attempt an operation without a savepoint. If it fails, all that was done in the transaction is rolled back."""
    try:
        return drive(connection, operation())
    except BaseException as error:  # as in `_attempt`
        if not connection.in_transaction:
            raise _TransactionLost from error
        connection.execute("ROLLBACK")
        connection.execute("BEGIN IMMEDIATE")
        return _Failed(storage_error(error) if isinstance(error, Exception) else error)


def _attempt(connection: sqlite3.Connection, operation: Callable[[], Operation[object]]) -> object:
    connection.execute("SAVEPOINT operation")
    try:
        result = drive(connection, operation())
    except BaseException as error:  # every error belongs to the caller; the thread must survive it
        if not connection.in_transaction:
            raise _TransactionLost from error
        connection.execute("ROLLBACK TO operation")
        connection.execute("RELEASE operation")
        return _Failed(storage_error(error) if isinstance(error, Exception) else error)
    connection.execute("RELEASE operation")
    return result


def _lost(cause: BaseException | None) -> BaseException:
    error = storage_error(cause) if isinstance(cause, Exception) else cause
    if isinstance(error, StorageError):
        return error
    failure = StorageError(problem=f"the database could not commit ({error})", fix="Check the log and the disk")
    failure.__cause__ = error
    return failure


def _answer(batch: Sequence[_Request], outcomes: Sequence[object]) -> None:
    for request, outcome in zip(batch, outcomes, strict=True):
        if request.future.done():  # its caller was cancelled; the operation was not
            continue
        if isinstance(outcome, _Failed):
            request.future.set_exception(outcome.error)
        else:
            request.future.set_result(outcome)


def _finish(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
