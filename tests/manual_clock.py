"""A clock that tests advance by hand."""

import asyncio
import heapq
import itertools

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
        while self._sleepers and self._sleepers[0][0] <= until:
            moment, _, alarm = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, moment)
            if not alarm.done():
                alarm.set_result(None)
            await settle()
        self._elapsed_s = until
        await settle()
