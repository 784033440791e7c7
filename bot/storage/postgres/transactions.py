"""Runs operations in transactions, and runs them again if another transaction or a lost connection ended them."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self, TypeVar, cast

import structlog

from bot.errors import CommitUnconfirmed, StorageError
from bot.storage.background import is_in_background
from bot.storage.locking import line_of, lock_of, name_of
from bot.storage.operation import Operation
from bot.storage.postgres.commit_outcome import CommitOutcome, WrittenTransaction
from bot.storage.postgres.connection import (
    CONNECT_S,
    PAUSE_S,
    READING,
    WRITING,
    Pool,
    ServerConnection,
    is_lost,
    named,
    open_pool,
    shown,
)
from bot.storage.postgres.gate import Gate, Line
from bot.storage.postgres.server_errors import (
    is_blocked,
    is_clash,
    is_full,
    is_gone,
    is_unique,
    locked_out,
    storage_error,
    too_busy,
)
from bot.storage.postgres.typed_statements import drive

SIDE_BY_SIDE = 4
"""How many times an operation is tried in parallel with others before it runs alone in this process."""

TRIES = 40
"""How many times an operation is tried if others conflict with it. When it runs alone, only other processes do."""

LONGEST_PAUSE_S = 0.25

BLOCKED_S = 30.0
"""How long an operation may wait for another program's lock, over all attempts, each of which `lock_timeout` ends."""

CLOSE_S = 0.3
"""How long a read may still take while the database is being closed."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)

_READ = WrittenTransaction(id=None, statistics_since=None)


class Transactions:
    """A pool of connections, some of which background work never takes. Each operation is one transaction."""

    def __init__(self, url: str, pool: Pool, most: int, reserved: int, ready: Callable[[], Awaitable[None]]) -> None:
        self._url = url
        self._address = shown(url)
        self._pool = pool
        self._ready = ready
        self._gate = Gate()
        self._lines: dict[str, Line] = {}
        self._background = asyncio.Semaphore(most - reserved)
        self._running: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._close_s: float | None = None

    @classmethod
    async def writing(
        cls, url: str, most: int, *, reserved: int, ready: Callable[[], Awaitable[None]], name: str | None = None
    ) -> Self:
        """Open a pool for transactions that write. `name` is the name of its sessions.

        `ready` is awaited before each transaction, and may raise.
        """
        return cls(url, await open_pool(url, most, named(WRITING, name)), most, reserved, ready)

    @classmethod
    async def reading(cls, url: str, most: int, *, reserved: int, name: str | None = None) -> Self:
        """Open a pool for transactions that only read. All statements of a transaction see the same state."""
        made = cls(url, await open_pool(url, most, named(READING, name)), most, reserved, _nothing)
        made._close_s = CLOSE_S
        return made

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation; cancelling the caller does not stop it."""
        if self._closing:
            raise _is_closed()
        return await asyncio.shield(self._started(self._in_turn(operation)))

    async def close(self) -> None:
        """Finish all requested operations, then close the connections. A second call does nothing.

        Long reads are interrupted: they change nothing, and their callers are about to be stopped.
        """
        if self._closing:
            return
        self._closing = True
        if self._running and self._close_s is not None:
            await asyncio.wait(self._running, timeout=self._close_s)
            if self._running:
                self._pool.terminate()
        while self._running:
            await asyncio.wait(self._running)
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._pool.close()
        except Exception:  # noqa: BLE001 - nothing is being done on them, so they may end in any way
            self._pool.terminate()

    def _started(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may have been cancelled, and then nobody else retrieves the error

    async def _in_turn(self, operation: Callable[[], Operation[T]]) -> T:
        async with AsyncExitStack() as held:
            if (line := line_of(operation)) is not None:
                await held.enter_async_context(self._lines.setdefault(line, Line()).turn())
            if is_in_background():
                await held.enter_async_context(self._background)
            return await self._until_done(operation)

    async def _until_done(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation, repeatedly if needed, until it is committed or fails for good."""
        clashes, lost_since_s, blocked_since_s = 0, None, None
        while True:
            began_s = _now_s()
            try:
                async with self._gate.shared() if clashes < SIDE_BY_SIDE else self._gate.exclusive():
                    return await self._once(operation)
            except _Clashed as clash:
                clashes += 1
                _log.debug("run again", operation=name_of(operation), tries=clashes, because=str(clash.error))
                if clashes >= (SIDE_BY_SIDE + 1 if is_unique(clash.error) else TRIES):
                    raise clash.error if is_unique(clash.error) else too_busy(clash.error, self._address) from None
                await asyncio.sleep(random.uniform(0, min(0.002 * 2**clashes, LONGEST_PAUSE_S)))
            except _Blocked as blocked:  # by another program, so running alone does not help
                clashes = 0
                blocked_since_s = began_s if blocked_since_s is None else blocked_since_s
                if _now_s() - blocked_since_s >= BLOCKED_S:
                    raise locked_out(blocked.error, self._address) from blocked.error
            except _Unreached as lost:
                if self._closing and self._close_s is not None:
                    raise _is_closed() from lost.error
                if lost_since_s is None:
                    # A single statement may have taken longer than the time allowed for reaching the server.
                    lost_since_s = _now_s() if lost.was_connected else began_s
                if _now_s() - lost_since_s >= CONNECT_S:
                    raise storage_error(lost.error, self._address) from lost.error
                await asyncio.sleep(random.uniform(PAUSE_S / 2, PAUSE_S))

    async def _once(self, operation: Callable[[], Operation[T]]) -> T:
        try:
            await self._ready()
        except StorageError as error:
            if error.__cause__ is not None and is_gone(error.__cause__):
                raise _Unreached(error.__cause__) from error
            raise
        try:
            async with _borrowed(self._pool) as connection:
                return await self._transact(connection, operation)
        except _Unanswered as unanswered:
            return cast("T", await self._settled(unanswered))
        except (_Clashed, _Blocked, _Unreached, StorageError):
            raise
        except Exception as error:
            known = storage_error(error, self._address)
            if known is error:
                raise
            raise known from error

    async def _settled(self, lost: "_Unanswered") -> object:
        """Return the result of a transaction if it was committed; otherwise raise _Unreached or CommitUnconfirmed."""
        outcome = await lost.written.outcome(self._url, CONNECT_S)
        if outcome is CommitOutcome.COMMITTED:
            return lost.result
        if outcome is CommitOutcome.ABORTED:
            raise _Unreached(lost.error, was_connected=True) from lost.error
        raise _unconfirmed(lost.error, self._address) from lost.error

    async def _transact(self, connection: ServerConnection, operation: Callable[[], Operation[T]]) -> T:
        ending: tuple[WrittenTransaction, T] | None = None
        try:
            await _begin(connection, lock_of(operation))
            result = await drive(connection, operation())
            written = _READ if self._close_s is not None else await WrittenTransaction.of(connection)
            ending = written, result
            await connection.execute("COMMIT")
        except BaseException as error:
            if isinstance(error, TimeoutError):  # the answer may still come, to the next query on this connection
                connection.terminate()
            if is_lost(connection, error):
                raise (_Unanswered(error, *ending) if ending else _Unreached(error, was_connected=True)) from error
            await _roll_back(connection)
            if is_blocked(error):
                raise _Blocked(error) from error
            if is_clash(error):
                raise _Clashed(error) from error
            raise
        return result


class _Clashed(Exception):
    """The transaction conflicted with another one."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Unreached(Exception):
    """The server was not reached, or the connection was lost before anything was committed."""

    def __init__(self, error: BaseException, *, was_connected: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.was_connected = was_connected


class _Blocked(Exception):
    """The transaction waited too long for another one's lock."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Unanswered(Exception):
    """The connection was lost during the COMMIT of a transaction with this result."""

    def __init__(self, error: BaseException, written: WrittenTransaction, result: object) -> None:
        super().__init__(str(error))
        self.error = error
        self.written = written
        self.result = result


@asynccontextmanager
async def _borrowed(pool: Pool) -> AsyncGenerator[ServerConnection]:
    """Borrow a connection, and distinguish a server that cannot be reached from an error on the connection."""
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(pool.acquire())
        except Exception as error:
            raise _Unreached(error) if is_gone(error) or is_full(error) else error from error
        yield connection


async def _begin(connection: ServerConnection, lock: Callable[[], Operation[object]] | None) -> None:
    """Begin a transaction and take its lock, if any; with a lock, each statement sees what was committed before it."""
    if lock is None:
        await connection.execute("BEGIN")
        return
    await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
    await drive(connection, lock())


async def _roll_back(connection: ServerConnection) -> None:
    """End a transaction, or close the connection if that fails: the next borrower must not find an open one."""
    try:
        await connection.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - the first error is the one to report
        with suppress(Exception):  # the pool may have already taken it back
            connection.terminate()


def _is_closed() -> StorageError:
    return StorageError(problem="the database is closed", fix="Start Easel again")


def _unconfirmed(error: BaseException, address: str) -> CommitUnconfirmed:
    reason = " ".join(str(error).split()) or "no answer in time"
    return CommitUnconfirmed(
        problem=f"{address}: the connection was lost during a commit ({reason})",
        fix="Check whether it was done before you repeat it",
    )


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _nothing() -> None:
    pass
