"""A clock that tests advance by hand."""

import asyncio
import heapq
import itertools
import math

from tests.idle_loop import settle


class ManualClock:
    """A `bot.clock.Clock` that stands still until a test advances it."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._began_ms = now_ms
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now_ms(self) -> int:
        return self._began_ms + round(self._elapsed_s * 1_000)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    @property
    def sleepers(self) -> int:
        """The number of sleeping tasks."""
        return sum(not alarm.done() for _, _, alarm in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        alarm = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, next(self._order), alarm))
        await alarm

    async def advance(self, seconds: float) -> None:
        """Advance the time and wake each sleeper in turn; before each step, wait until nothing is left to run."""
        until = self._elapsed_s + seconds
        await settle()
        while self._next_s() <= until:
            moment, _, alarm = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, moment)
            alarm.set_result(None)
            await settle()
        self._elapsed_s = until

    async def advance_by_steps(self, step_s: float) -> None:
        """Advance the time by as many steps as it takes until a sleeper wakes; by one if nobody sleeps.

        Nothing happens before that, so it is pointless for a test to check after each step.
        """
        await settle()
        left_s = self._next_s() - self._elapsed_s
        await self.advance(step_s * max(1, math.ceil(left_s / step_s)) if left_s < math.inf else step_s)

    def _next_s(self) -> float:
        """Return the time at which the next sleeper wakes, or infinity if there is none; forget cancelled sleepers."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else math.inf
