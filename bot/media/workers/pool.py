"""A few worker processes that decode untrusted files, started when needed and ended when idle.

A file that crashes, hangs or exhausts its worker is refused like any other unusable file; the worker is replaced.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Protocol, Self, cast

from bot.catalogue.refusals import unusable
from bot.errors import Fact, InternalError, UnusableFile
from bot.log_context import without_ids
from bot.media.workers.operation_limits import OPERATION_LIMITS, OperationLimits
from bot.media.workers.process import WorkerEnded, WorkerProcess

WIDTH = 3
"""The maximum number of workers. At least one of them is kept free for short operations."""

IDLE_S = 60.0
REQUESTS_MOST = 1_000
"""The number of requests after which a worker is replaced: libraries leak and fragment memory, which is limited.

1,000 pictures and videos in a row left a worker at 95 MiB, and starting another one takes as long as processing 50
pictures.
"""

log = logging.getLogger(__name__)


class MediaWorker(Protocol):
    """A running worker, which has its own process."""

    @property
    def requests(self) -> int:
        """How many requests the worker has received."""
        ...

    @property
    def pid(self) -> int:
        """The id of the worker's process."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the worker is still running."""
        ...

    async def ask(self, request: Mapping[str, object], wall_s: float) -> Mapping[str, object]:
        """Send a request and return the answer. Raises WorkerEnded, or TimeoutError after `wall_s` seconds."""
        ...

    async def end(self) -> None:
        """Stop using the worker. If `ask` raised or was cancelled, its process ends."""
        ...


StartWorker = Callable[[], Awaitable[MediaWorker]]


class WorkerPool:
    """Performs operations on files in worker processes, each of which `start` starts."""

    def __init__(
        self,
        *,
        width: int = WIDTH,
        idle_s: float = IDLE_S,
        limits: Mapping[str, OperationLimits] = OPERATION_LIMITS,
        start: StartWorker = WorkerProcess.start,
    ) -> None:
        self._idle_s = idle_s
        self._limits = limits
        self._start = start
        self._places = asyncio.Semaphore(width)
        self._slow_places = asyncio.Semaphore(max(1, width - 1))
        self._idle: dict[MediaWorker, asyncio.TimerHandle] = {}
        self._workers: set[MediaWorker] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of the running workers."""
        return frozenset(worker.pid for worker in self._workers)

    async def perform(self, operation: str, arguments: Mapping[str, object], *, name: str) -> object:
        """Perform an operation of `bot.media.decoding.operations` and return its result, which is JSON.

        `name` is the file's display name. Raises UnusableFile if the file cannot be used or exceeds a limit, and
        InternalError if no worker can be started, or after `close`.
        """
        limits = self._limits[operation]
        request = {"operation": operation, "cpu_s": limits.cpu_s, "arguments": arguments}
        async with self._place(limits), self._worker() as worker:
            try:
                answer = await worker.ask(request, limits.wall_s)
            except TimeoutError as error:
                log.warning("%s of %s did not end within %s s", operation, name, limits.wall_s)
                raise unusable(name, "file-heavy") from error
            except WorkerEnded as error:
                log.warning("%s of %s ended its worker: %s", operation, name, error)
                raise unusable(name, "file-heavy" if error.code == -signal.SIGXCPU else "file-unreadable") from error
            if answer.get("memory"):
                raise unusable(name, "file-heavy")
        return _result(answer, operation, name)

    async def close(self) -> None:
        """End all workers. Their current operations are lost."""
        self._closed = True
        for worker in list(self._workers):
            self._end(worker)
        await asyncio.gather(*self._endings)

    @contextlib.asynccontextmanager
    async def _place(self, limits: OperationLimits) -> AsyncGenerator[None]:
        async with self._slow_places if limits.slow else contextlib.nullcontext(), self._places:
            yield

    @contextlib.asynccontextmanager
    async def _worker(self) -> AsyncGenerator[MediaWorker]:
        """Lend a worker; end it if its user raises or is cancelled."""
        worker = await self._take()
        try:
            yield worker
        except BaseException:
            self._end(worker)
            raise
        if self._closed or worker.requests >= REQUESTS_MOST:
            self._end(worker)
        else:
            # The end of an idle worker has nothing to do with its last user.
            own = without_ids()
            timer = asyncio.get_running_loop().call_later(self._idle_s, self._end, worker, context=own)
            self._idle[worker] = timer

    async def _take(self) -> MediaWorker:
        while self._idle:
            worker, timer = self._idle.popitem()
            timer.cancel()
            if worker.alive:
                return worker
            self._end(worker)
        if self._closed:
            raise _is_closed()
        try:
            worker = await self._start()
        except (OSError, TimeoutError, WorkerEnded) as error:
            log.exception("no worker for media files can be started")
            raise InternalError(reference="E-MEDIA-WORKER") from error
        self._workers.add(worker)
        if self._closed:  # closed during the start: `close` did not know this worker
            self._end(worker)
            raise _is_closed()
        return worker

    def _end(self, worker: MediaWorker) -> None:
        timer = self._idle.pop(worker, None)
        if timer is not None:
            timer.cancel()
        if worker not in self._workers:
            return
        self._workers.discard(worker)
        ending = asyncio.get_running_loop().create_task(worker.end(), name=f"end media worker {worker.pid}")
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


def _is_closed() -> InternalError:
    return InternalError(reference="E-MEDIA-CLOSED")


def _result(answer: Mapping[str, object], operation: str, name: str) -> object:
    if "refused" in answer:
        raise UnusableFile(**{**cast("dict[str, Fact]", answer["refused"]), "name": name})
    if "fault" in answer:
        log.warning("%s of %s failed: %s", operation, name, answer["fault"])
        raise unusable(name, "file-damaged")
    return answer["result"]
