"""The database of a process that others may have ended: then it no longer writes."""

from collections.abc import Callable
from typing import TypeVar

from bot.errors import Fenced
from bot.processes import process_rows
from bot.processes.leased_process import LeasedProcess
from bot.storage.operation import Operation
from bot.storage.owned_database import OwnedDatabase

T = TypeVar("T")


class FencedDatabase:
    """A database whose every write begins with the proof that this process was not ended."""

    def __init__(self, database: OwnedDatabase, process: LeasedProcess) -> None:
        self._database = database
        self._process = process

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction; see `Database.run`. Raises Fenced, and then nothing is stored."""

        def fenced() -> Operation[T]:
            yield from process_rows.fence(self._process.token)
            return (yield from operation())

        try:
            return await self._database.run(fenced)
        except Fenced:
            self._process.was_ended()
            raise

    async def read(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation of SELECTs; see `Database.read`."""
        return await self._database.read(operation)

    async def claim(self, *, application: str, provider: str) -> None:
        """Bind this database to an application and a provider; see `OwnedDatabase.claim`."""
        await self._database.claim(application=application, provider=provider)

    async def scrub(self) -> bool:
        """Remove what was deleted also from the files; see `OwnedDatabase.scrub`."""
        return await self._database.scrub()

    async def probe(self) -> None:
        """Test that the database can be written, without writing; see `OwnedDatabase.probe`."""
        await self._database.probe()

    async def close(self) -> None:
        """Finish all requests and let others own the database."""
        await self._database.close()
