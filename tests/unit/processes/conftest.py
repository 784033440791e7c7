import pytest

from bot.process_roles import ProcessRole
from bot.processes.leased_process import LeasedProcess
from bot.storage.operation import Statement
from bot.storage.postgres.driver import PostgresDatabase
from bot.storage.postgres.side_session import Session
from tests.unit.processes.set_clock import SetClock


class Machine:
    """A server with the processes of one bot, whose leases are renewed when the test decides."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = Session(url, "test")
        self.processes: list[LeasedProcess] = []
        self.freed: list[int] = []

    async def worker(self) -> LeasedProcess:
        return await self.start(ProcessRole.WORKER)

    async def start(self, role) -> LeasedProcess:
        """Start a process with its own clock."""
        process = await LeasedProcess.start(
            self.url, name=f"test-{len(self.processes)}", role=role, clock=SetClock(), freed=self._freed
        )
        self.processes.append(process)
        return process

    async def expire(self, process) -> None:
        """Let a lease run out, as if the process had not been heard from."""
        await self.sql("UPDATE process SET until_ms = 0 WHERE token = $1", process.token)

    async def tokens(self) -> list[int]:
        """Return the numbers of the processes that were not ended."""
        return [token for (token,) in await self.sql("SELECT token FROM process ORDER BY token")]

    async def sql(self, text, *values):
        """Run a statement in a separate transaction."""

        def operation():
            return (yield Statement(text, *values))

        return await self.session.run(operation)

    async def close(self) -> None:
        for process in self.processes:
            await process.close()
        await self.session.close()

    def _freed(self, tokens):
        self.freed += list(tokens)
        yield from ()


@pytest.fixture
async def machine(postgresql_url):
    machine = Machine(postgresql_url)
    yield machine
    await machine.close()


@pytest.fixture
async def database(postgresql_url):
    database = await PostgresDatabase.open(postgresql_url)
    yield database
    await database.close()
