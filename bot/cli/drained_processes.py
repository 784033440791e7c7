"""The running bot as `easel drain` sees it: several processes that share a database, through which they are drained."""

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from bot.app.databases import open_readable
from bot.cli.counted import counted
from bot.cli.drained_bot import BotState, in_flight, waiting_for_moderators
from bot.jobs.draining import InFlight
from bot.jobs.store import due_jobs
from bot.process_roles import ProcessRole
from bot.processes import drain_rows
from bot.processes.drain_rows import DrainedProcess, DrainRequest
from bot.settings import Settings
from bot.storage.operation import Database, Operation
from bot.storage.postgres.side_session import Session

HEARD_S = 5.0
"""How long all processes may take to confirm a drain. Even if the notice is lost, they check every 3 s."""

LOOK_AGAIN_S = 0.1

SESSION = "easel drain"

DAY_AND_MINUTE = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class _Company:
    """The processes as the database knows them, and the jobs and answers in flight in all of them together."""

    request: DrainRequest | None
    processes: Sequence[DrainedProcess]
    shards: int
    jobs: InFlight

    @property
    def answers(self) -> int:
        """The number of answers that may still become jobs."""
        return sum(one.answers for one in self.processes)

    @property
    def deaf(self) -> Sequence[str]:
        """The names of the processes that still accept orders although they were asked to drain."""
        return [one.name for one in self.processes if self.request is not None and one.obeys != self.request.number]

    @property
    def is_empty(self) -> bool:
        """Whether all processes can be stopped without interrupting anything."""
        return self.request is not None and not self.deaf and not self.answers and not self.jobs.jobs


class SeveralProcesses:
    """A bot with several processes."""

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session

    async def ask(self, method: str) -> BotState:
        """Ask all processes; see `DrainedBot.ask`. Raises StorageError."""
        if method == "POST":
            await self._session.run(lambda: drain_rows.begin(_who()))
            await self._heard()
        elif method == "DELETE":
            await self._session.run(drain_rows.end)
        company = await self._database.read(_look)
        return BotState(
            draining=company.request is not None,
            is_empty=company.is_empty,
            text=_described(company),
            is_obeyed=not company.deaf,
            details=tuple(f"  {one.name}: {_holds(one, company.shards)}" for one in company.processes),
        )

    async def one(self, part: str) -> "OneOfSeveral":
        """Return the gateway process whose name contains this text. Raises ClickException unless it is the only one.

        A worker is returned only if no gateway process has such a name: on one machine all names contain its host name.
        """
        running = (await self._database.read(_look)).processes
        named = [one for one in running if part in one.name]
        gateways = [one.name for one in named if one.role is ProcessRole.GATEWAY]
        names = gateways or [one.name for one in named[:1]]  # for any worker, the command says that it need not drain
        if not names:
            others = ", ".join(one.name for one in running) or "no process"
            raise click.ClickException(f"no running process has {part} in its name. Running: {others}")
        if len(names) > 1:
            raise click.ClickException(
                f"{len(names)} running processes have {part} in their names: {', '.join(names)}. Give more of one name"
            )
        return OneOfSeveral(self._database, self._session, names[0])

    async def _heard(self) -> None:
        """Wait until all processes refuse orders, but only for a few seconds."""
        try:
            async with asyncio.timeout(HEARD_S):
                while True:
                    if not (await self._database.read(_look)).deaf:
                        return
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return


class OneOfSeveral:
    """One gateway process among several, which passes its shards on instead of refusing orders."""

    def __init__(self, database: Database, session: Session, name: str) -> None:
        self._database = database
        self._session = session
        self._name = name

    async def ask(self, method: str) -> BotState:
        """Make it pass its shards on (POST) or take its share again (DELETE); see `DrainedBot.ask`.

        Raises ClickException if it is a worker, or has ended.
        """
        passes = {"POST": True, "DELETE": False}.get(method)
        await self._look()
        if passes is not None:
            await self._session.run(lambda: drain_rows.pass_shards_on(self._name, passes=passes))
        company, one = await self._look()
        return BotState(not one.takes, not one.takes and not one.holds, _described_one(company, one))

    async def _look(self) -> tuple[_Company, DrainedProcess]:
        company = await self._database.read(_look)
        one = next((one for one in company.processes if one.name == self._name), None)
        if one is None:
            raise click.ClickException(f"{self._name} has ended")
        if one.role is ProcessRole.WORKER:
            raise click.ClickException(f"{one.name} is a worker: just stop it, others take its jobs at once")
        return company, one


@asynccontextmanager
async def find_processes(settings: Settings) -> AsyncGenerator[SeveralProcesses | None]:
    """Find the processes that share a database; None if there are none and no earlier ones were drained.

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
    # The jobs are read last: an answer that has ended by now has made its job.
    request, processes = (yield from drain_rows.asked()), (yield from drain_rows.living())
    return _Company(request, processes, (yield from drain_rows.shards()), (yield from due_jobs.in_flight()))


def _described(company: _Company) -> str:
    more = waiting_for_moderators(company.jobs.awaiting_approval)
    running = _running(company.processes)
    if company.request is None:
        return f"New orders are accepted. Running: {running}.{more}"
    since = datetime.fromtimestamp(company.request.since_ms / 1_000, UTC).strftime(DAY_AND_MINUTE)
    refused = f"New orders have been refused since {since}, at the request of {company.request.asked_by}"
    if company.is_empty:
        return (
            f"{refused}, and nothing is in flight. All processes can be stopped: {running}. "
            f"They will refuse orders even after a restart, until `easel drain --undo`.{more}"
        )
    deaf = f" These have not confirmed it yet: {', '.join(company.deaf)}." if company.deaf else ""
    flying = in_flight(company.jobs.jobs, company.answers)
    return f"{refused}. In flight: {flying}. Running: {running}.{_stuck(company)}{deaf}{more}"


def _described_one(company: _Company, one: DrainedProcess) -> str:
    holds = _holds(one, company.shards)
    if one.takes:
        return f"{one.name} takes shards: {holds}."
    if not one.holds:
        return f"{one.name} has passed on all its shards: it can be stopped without a gap."
    heirs = any(other.takes and other.role is ProcessRole.GATEWAY for other in company.processes)
    return f"{one.name} passes its shards on: {holds}." + ("" if heirs else " No other gateway process takes them.")


def _holds(one: DrainedProcess, shards: int) -> str:
    if one.role is ProcessRole.WORKER:
        return counted(one.holds, "job")
    return f"{one.holds} of {counted(shards, 'shard')}" + ("" if one.takes else ", takes no others")


def _stuck(company: _Company) -> str:
    works = any(one.role is ProcessRole.WORKER for one in company.processes)
    return "" if works or not company.jobs.jobs else " The jobs wait until a worker runs."


def _running(processes: Sequence[DrainedProcess]) -> str:
    if not processes:
        return "no process"
    roles = [one.role for one in processes]
    parts = {role: roles.count(role) for role in (ProcessRole.GATEWAY, ProcessRole.WORKER)}
    words = {ProcessRole.GATEWAY: "gateway process", ProcessRole.WORKER: "worker"}
    return " and ".join(counted(number, words[role]) for role, number in parts.items() if number)


def _who() -> str:
    """Return the user who runs this command, and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user in a container may have no name
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
