"""A session outside the pools, for work that must not wait for them: leases of processes, and claims of jobs."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.storage.operation import Operation
from bot.storage.postgres.connection import ServerConnection, connect, is_lost, shown
from bot.storage.postgres.server_errors import storage_error
from bot.storage.postgres.typed_statements import drive

ANSWER_S = 5.0
"""How long an operation may take, including a new connection if it needs one."""

T = TypeVar("T")


class Session:
    """One connection, which is replaced if it is lost. It runs one operation at a time, each as a transaction.

    These transactions are READ COMMITTED, so they neither conflict with those of the pools nor are delayed by them.
    Each statement sees what was committed before it. If an operation raises an error, it may have been committed
    anyway.
    """

    def __init__(self, url: str, name: str) -> None:
        """`name` is the name of the session on the server."""
        self._url = url
        self._settings = {
            "application_name": name,
            "default_transaction_isolation": "read committed",
            "enable_seqscan": "off",
            "lock_timeout": "3s",
        }
        self._turn = asyncio.Lock()
        self._connection: ServerConnection | None = None

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction and return its result once it is on disk. Raises StorageError."""
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWER_S):
                    return await self._transact(operation)
            except BaseException as error:
                self._drop()  # the transaction ends with the connection
                known = storage_error(error, shown(self._url)) if isinstance(error, Exception) else error
                if known is error:
                    raise
                raise known from error

    async def close(self) -> None:
        """End the session."""
        async with self._turn:
            self._drop()

    async def _transact(self, operation: Callable[[], Operation[T]]) -> T:
        connection = await self._begun()
        result = await drive(connection, operation())
        await connection.execute("COMMIT")
        return result

    async def _begun(self) -> ServerConnection:
        """Return a connection in a new transaction. One that was lost while idle is replaced: nothing ran on it."""
        if (idle := self._connection) is not None:
            try:
                await idle.execute("BEGIN")
            except Exception as error:
                if not is_lost(idle, error):
                    raise
                self._drop()
            else:
                return idle
        self._connection = await connect(self._url, self._settings)
        await self._connection.execute("BEGIN")
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
