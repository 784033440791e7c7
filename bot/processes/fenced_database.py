"""The database of a process that others may have ended. Once they have, it no longer writes."""

from collections.abc import Callable
from typing import TypeVar

from bot.errors import Fenced
from bot.processes import process_rows
from bot.processes.leased_process import LeasedProcess
from bot.storage.locking import AfterLock, InLine, line_of, lock_of, name_of
from bot.storage.operation import Operation
from bot.storage.owned_database import OwnedDatabase

T = TypeVar("T")
R = TypeVar("R")


class FencedDatabase:
    """A database in which every write begins with the proof that this process has not been ended."""

    def __init__(self, database: OwnedDatabase, process: LeasedProcess) -> None:
        self._database = database
        self._process = process

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction; see `Database.run`. Raises Fenced, in which case nothing is stored."""
        try:
            return await self._database.run(self._fenced(operation))
        except Fenced:
            self._process.was_ended()
            raise

    def _fenced(self, operation: Callable[[], Operation[T]]) -> Callable[[], Operation[T]]:
        lock, line = lock_of(operation), line_of(operation)
        if lock is not None:
            # Before the lock: a process that ends this one waits for its fences first, and then needs the rows of its
            # jobs.
            return AfterLock(operation, self._after_fence(lock))
        fenced = self._after_fence(operation)
        return fenced if line is None else InLine(fenced, line)

    def _after_fence(self, operation: Callable[[], Operation[R]]) -> Callable[[], Operation[R]]:
        def fenced() -> Operation[R]:
            yield from process_rows.fence(self._process.token)
            return (yield from operation())

        fenced.__qualname__ = name_of(operation)
        return fenced

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._database.read(operation)

    async def claim(self, *, application: str, provider: str) -> None:
        """Bind this database to an application and a provider; see `OwnedDatabase.claim`."""
        await self._database.claim(application=application, provider=provider)

    async def scrub(self) -> bool:
        """Remove deleted data from the files too; see `OwnedDatabase.scrub`."""
        return await self._database.scrub()

    async def probe(self) -> None:
        """Test that the database can be written, without writing; see `OwnedDatabase.probe`."""
        await self._database.probe()

    async def close(self) -> None:
        """Finish all requests and let others own the database."""
        await self._database.close()
