"""The running bot as `easel drain` sees it: several processes that share a database, which tells them to drain."""

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.app.databases import open_readable
from bot.cli.drained_bot import BotState, counted, in_flight, waiting_for_moderators
from bot.jobs.draining import InFlight
from bot.jobs.store import due
from bot.process_roles import ProcessRole
from bot.processes import drain_rows
from bot.processes.drain_rows import DrainedProcess, DrainRequest
from bot.settings import Settings
from bot.storage.operation import Database, Operation
from bot.storage.postgres.side_session import Session

HEARD_S = 5.0
"""How long all processes may take to hear of a drain. They look every 3 s, if the notice was lost."""

LOOK_AGAIN_S = 0.1

SESSION = "easel drain"

DAY_AND_MINUTE = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class _Company:
    """What the database knows of the processes, and what is in flight in all of them together."""

    request: DrainRequest | None
    processes: Sequence[DrainedProcess]
    jobs: InFlight

    @property
    def answers(self) -> int:
        """How many answers may still become jobs."""
        return sum(one.answers for one in self.processes)

    @property
    def deaf(self) -> Sequence[str]:
        """The names of the processes that still accept orders, although they are to drain."""
        return [one.name for one in self.processes if self.request is not None and one.obeys != self.request.number]

    @property
    def is_empty(self) -> bool:
        """Whether all processes can be stopped without interrupting anything."""
        return self.request is not None and not self.deaf and not self.answers and not self.jobs.jobs


class SeveralProcesses:
    """A bot of several processes."""

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session

    async def ask(self, method: str) -> BotState:
        """Ask all of them; see `DrainedBot.ask`. Raises StorageError."""
        if method == "POST":
            await self._session.run(lambda: drain_rows.begin(_who()))
            await self._heard()
        elif method == "DELETE":
            await self._session.run(drain_rows.end)
        company = await self._database.read(_look)
        return BotState(company.request is not None, company.is_empty, _described(company), not company.deaf)

    async def _heard(self) -> None:
        """Wait until all processes refuse orders, but not for long."""
        try:
            async with asyncio.timeout(HEARD_S):
                while True:
                    if not (await self._database.read(_look)).deaf:
                        return
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return


@asynccontextmanager
async def find_processes(settings: Settings) -> AsyncGenerator[SeveralProcesses | None]:
    """Find the processes that share a database; None if there are none, and no drain of some that were stopped.

    Raises StorageError if the database cannot be read.
    """
    database = await open_readable(settings)
    session = Session(settings.database_url, SESSION)
    try:
        found = await database.read(_look)
        yield SeveralProcesses(database, session) if found.processes or found.request else None
    finally:
        await session.close()
        await database.close()


def _look() -> Operation[_Company]:
    # The jobs last: an answer that has ended by now has made its job.
    request, processes = (yield from drain_rows.asked()), (yield from drain_rows.living())
    return _Company(request, processes, (yield from due.in_flight()))


def _described(company: _Company) -> str:
    more = waiting_for_moderators(company.jobs.awaiting_approval)
    running = _running(company.processes)
    if company.request is None:
        return f"New orders are accepted. Running: {running}.{more}"
    since = datetime.fromtimestamp(company.request.since_ms / 1_000, UTC).strftime(DAY_AND_MINUTE)
    refused = f"No new orders are accepted since {since}, as {company.request.asked_by} has asked"
    if company.is_empty:
        return (
            f"{refused}, and nothing is in flight. All processes can be stopped: {running}. "
            f"They go on refusing orders, also after a restart, until `easel drain --undo`.{more}"
        )
    deaf = f" These have not confirmed it yet: {', '.join(company.deaf)}." if company.deaf else ""
    flying = in_flight(company.jobs.jobs, company.answers)
    return f"{refused}. In flight: {flying}. Running: {running}.{_stuck(company)}{deaf}{more}"


def _stuck(company: _Company) -> str:
    works = any(one.role is ProcessRole.WORKER for one in company.processes)
    return "" if works or not company.jobs.jobs else " The jobs wait until a worker runs."


def _running(processes: Sequence[DrainedProcess]) -> str:
    if not processes:
        return "no process"
    roles = [one.role for one in processes]
    parts = {role: roles.count(role) for role in (ProcessRole.GATEWAY, ProcessRole.WORKER)}
    words = {ProcessRole.GATEWAY: "gateway process", ProcessRole.WORKER: "worker"}
    return " and ".join(_many(number, words[role]) for role, number in parts.items() if number)


def _many(number: int, what: str) -> str:
    return f"{number} {what}es" if number > 1 and what.endswith("s") else counted(number, what)


def _who() -> str:
    """Return who runs this command, and on which machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
