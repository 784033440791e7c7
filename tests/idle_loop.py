"""An event loop that detects when nothing is left to run, so that tests advance time only then."""

import asyncio
import selectors
from contextlib import contextmanager

from tests.lock_order import in_lock_order


class IdleLoop(asyncio.SelectorEventLoop):
    """A selector loop with `idle()`, which returns once no callback is ready and no other thread is working for it.

    The selector reveals this through the loop's public interface: asyncio asks it to wait with a timeout of 0 while
    callbacks are ready, and with another timeout only when there is nothing to do. Work in executors
    (`asyncio.to_thread` included) is counted here; code that uses its own threads, such as the database drivers, is
    wrapped in `outside_work`. Timers of the loop itself (`asyncio.sleep`, `asyncio.timeout`) do not count: they run in
    real time, which tests do not wait for.
    """

    def __init__(self):
        self._owed = 0
        self._idle = set()
        super().__init__(_Selector(self._is_idle_awaited, self._wake))

    async def idle(self):
        """Wait until nothing is runnable; the callers of this method do not count."""
        waiter = self.create_future()
        self._idle.add(waiter)
        try:
            await waiter
        finally:
            self._idle.discard(waiter)

    @contextmanager
    def outside_work(self):
        """Count a piece of work that another thread does for the loop; enter and leave it on the loop's thread."""
        self._owed += 1
        try:
            yield
        finally:
            self._owed -= 1

    def run_in_executor(self, executor, func, *args):
        future = super().run_in_executor(executor, func, *args)
        # The callback runs on the loop, after the result has arrived: so at every moment either the thread or the
        # loop's queue accounts for it.
        self._owed += 1
        future.add_done_callback(self._paid)
        return future

    def _paid(self, _):
        self._owed -= 1

    def _is_idle_awaited(self):
        """Return whether someone waits until the loop is idle, and no thread works for it."""
        return not self._owed and any(not waiter.done() for waiter in self._idle)

    def _wake(self):
        for waiter in self._idle:
            if not waiter.done():
                waiter.set_result(None)


class WatchedDatabase:
    """A database whose pending operations keep an `IdleLoop` from being idle. It checks the order of their changes."""

    def __init__(self, real):
        self._real = real

    async def run(self, operation):
        with _loop().outside_work():
            return await self._real.run(in_lock_order(operation))

    async def read(self, operation):
        with _loop().outside_work():
            return await self._real.read(operation)

    async def scrub(self):
        with _loop().outside_work():
            return await self._real.scrub()

    async def close(self):
        await self._real.close()


async def settle():
    """Let all tasks run until each of them waits for something that only the test can cause."""
    await _loop().idle()


def _loop():
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop), "this test needs an IdleLoop: see tests/README.md"
    return loop


class _Selector(selectors.DefaultSelector):
    def __init__(self, is_awaited, wake):
        super().__init__()
        self._is_awaited = is_awaited
        self._wake = wake

    def select(self, timeout=None):
        if (timeout is not None and timeout <= 0) or not self._is_awaited():
            return super().select(timeout)
        events = super().select(0)
        if not events:
            self._wake()
        return events
