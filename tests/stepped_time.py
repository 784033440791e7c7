"""Time for wire tests that count what happens in it: it moves only when the test says so, for everybody at once."""

import heapq
import itertools
from asyncio import Future, get_running_loop, sleep
from time import time_ns

from bot.clock import SystemClock
from sandbox.clock import SandboxClock

BEGAN_MS = time_ns() // 1_000_000


class StillClock(SystemClock):
    """A `bot.clock.MachineClock` that stands still between steps, however slow the machine is."""

    def __init__(self) -> None:
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, Future[None]]] = []
        self._order = itertools.count()

    def now_ms(self) -> int:
        return BEGAN_MS + round(self._elapsed_s * 1_000)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def elapsed_s(self) -> float:
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await sleep(0)
            return
        alarm = get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, next(self._order), alarm))
        await alarm

    def step(self, seconds: float) -> None:
        """Move the time, and wake those who have slept long enough."""
        self._elapsed_s += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed_s:
            _, _, alarm = heapq.heappop(self._sleepers)
            if not alarm.done():
                alarm.set_result(None)


class StillSandboxClock(SandboxClock):
    """A sandbox's clock that only steps."""

    def now(self) -> float:
        return BEGAN_MS / 1_000 + self._offset_s


class SteppedTime:
    """The clocks of the bot and of both sandboxes, which agree.

    Other than `ManualClock`, it does not know when the bot has nothing left to do: a test lets it work between steps.
    """

    def __init__(self) -> None:
        self.bot = StillClock()
        self.sandbox = StillSandboxClock()

    @property
    def now_s(self) -> float:
        """The seconds that have passed."""
        return self.bot.monotonic_s()
