"""Media workers that outlive the bot that used them: starting one takes longer than its work in most tests."""

import asyncio
import atexit
import threading
from collections.abc import Coroutine, Mapping
from functools import cache
from typing import Any, TypeVar

from bot.media.workers.pool import REQUESTS_MOST
from bot.media.workers.process import WorkerProcess

T = TypeVar("T")


class SharedWorkers:
    """Worker processes that are lent to one bot after another, and live on a separate event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._free: list[WorkerProcess] = []
        # The kernel ends a worker along with the thread that started it, so this thread must keep running.
        self._thread = threading.Thread(target=self._loop.run_forever, name="shared media workers", daemon=True)
        self._thread.start()

    async def start(self) -> "LentWorker":
        """Lend a worker that is running, or start one."""
        alive = [worker for worker in self._free if worker.alive]
        self._free = alive[:-1]
        return LentWorker(self, alive[-1] if alive else await self.run(WorkerProcess.start()))

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the workers' loop; cancelling the caller also cancels the coroutine."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def take_back(self, worker: WorkerProcess) -> None:
        self._free.append(worker)

    def close(self) -> None:
        """End the workers that are not lent, and the loop."""
        for worker in self._free:
            asyncio.run_coroutine_threadsafe(worker.end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@cache
def shared_workers() -> SharedWorkers:
    """Return the workers of this test process, which end with it."""
    workers = SharedWorkers()
    atexit.register(workers.close)
    return workers


class LentWorker:
    """A `bot.media.workers.pool.MediaWorker`. After use, it is returned, or ended if its state is in doubt."""

    def __init__(self, home: SharedWorkers, worker: WorkerProcess) -> None:
        self._home = home
        self._worker = worker
        self._in_doubt = False

    @property
    def pid(self) -> int:
        return self._worker.pid

    @property
    def alive(self) -> bool:
        return self._worker.alive

    @property
    def requests(self) -> int:
        return self._worker.requests

    async def ask(self, request: Mapping[str, object], wall_s: float) -> Mapping[str, object]:
        self._in_doubt = True
        answer = await self._home.run(self._worker.ask(request, wall_s))
        self._in_doubt = False
        return answer

    async def end(self) -> None:
        if self._in_doubt or self._worker.requests >= REQUESTS_MOST:
            await self._home.run(self._worker.end())
        else:
            self._home.take_back(self._worker)
