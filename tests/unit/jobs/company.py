"""Several processes that share a database on a server: one that accepts orders, and workers."""

import asyncio
from dataclasses import dataclass
from typing import cast

from bot.clock import MachineClock
from bot.jobs.jobs import Jobs
from bot.jobs.store import holder_rows
from bot.process_roles import ProcessRole
from bot.processes.fenced_database import FencedDatabase
from bot.processes.leased_process import LEASE_S, LeasedProcess
from bot.storage.operation import Statement
from bot.storage.owned_database import OwnedDatabase
from tests.idle_loop import IdleLoop, WatchedDatabase
from tests.notice_board import NoticeBoard
from tests.unit.jobs.fakes import FakeMessenger
from tests.unit.jobs.world import World
from tests.unit.processes.set_clock import SetClock


class WatchedProcess(LeasedProcess):
    """A process whose claims keep an `IdleLoop` from being idle."""

    async def run(self, operation):
        with cast("IdleLoop", asyncio.get_running_loop()).outside_work():
            return await super().run(operation)


@dataclass
class Worker:
    """A process that takes steps of jobs."""

    process: WatchedProcess
    jobs: Jobs
    messenger: FakeMessenger
    clock: SetClock

    @property
    def loops(self):
        return set(self.jobs.health())

    async def leave(self):
        """Stop in an orderly way."""
        await self.jobs.stop()
        await self.process.close()

    async def renew(self):
        """Renew the lease like a process that has been doing so all along."""
        self.clock.seconds += LEASE_S
        self.process._renewed_s = self.clock.seconds
        await self.process.renew()


class Company:
    """A world whose own Jobs only accept orders, and the workers that a test starts."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.url = url
        self.board = NoticeBoard()
        self.workers: list[Worker] = []
        self._real = world.database
        world.notices, world.runs_loops = self.board.join(), False
        self.gateway = world.build()

    async def worker(self, *, checkpoints=None, database=None, start=True) -> Worker:
        """Start a worker."""
        clock = SetClock()
        process = await WatchedProcess.start(
            self.url,
            name=f"worker-{len(self.workers)}",
            role=ProcessRole.WORKER,
            clock=cast("MachineClock", clock),
            freed=holder_rows.free,
        )
        world = self.world
        world.process, world.notices, world.runs_loops = process, self.board.join(), True
        world.database = cast("WatchedDatabase", FencedDatabase(cast("OwnedDatabase", self._real), process))
        try:
            worker = Worker(process, world.build(checkpoints), FakeMessenger(), clock)
        finally:
            world.database, world.jobs = self._real, self.gateway
        for other in self.workers:
            await other.process.renew()  # it learns of the new worker
        self.workers.append(worker)
        if start:
            await worker.jobs.start(worker.messenger)
        return worker

    async def ended(self, lost: Worker, *, by: Worker) -> None:
        """Keep a worker silent until another one ends it, whatever else the other one does."""
        await self.sql("UPDATE process SET until_ms = 0 WHERE token = $1", lost.process.token)
        await by.renew()

    async def holders(self) -> dict[str, int]:
        """Return who holds each job that has not been released."""
        return dict(await self.sql("SELECT id, holder FROM job WHERE holder > 0"))

    async def sql(self, text, *values):
        def operation():
            return (yield Statement(text, *values))

        return await self._real.run(operation)

    def delivered(self) -> list[str]:
        """Return the jobs whose end was shown, each as often as it was shown."""
        return sorted(one.job.id for worker in self.workers for one in worker.messenger.delivered)

    async def close(self) -> None:
        for worker in self.workers:
            await worker.leave()
        await self.world.close()
