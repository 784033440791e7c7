"""The sandbox's clock, which follows the machine's clock and can be moved forward."""

import asyncio
import heapq
import itertools
import time


class SandboxClock:
    """A clock in seconds since 1970 (UTC). Several servers can share one so that their times agree."""

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self._offset_s

    def now_ms(self) -> int:
        """Return the time in whole milliseconds since 1970."""
        return int(self.now() * 1_000)

    def advance(self, seconds: float) -> None:
        """Move the clock forward and wake all sleepers that are now due, in order."""
        if seconds < 0:
            raise ValueError("the sandbox's clock only moves forward")
        self._offset_s += seconds
        self._ring()

    async def sleep(self, seconds: float) -> None:
        """Wait until this clock has advanced by this many seconds."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, moment: float) -> None:
        """Wait until this clock reaches this time."""
        if moment <= self.now():
            await asyncio.sleep(0)
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (moment, next(self._order), sleeper))
        self._set_alarm()
        await sleeper

    def _ring(self) -> None:
        now = self.now()
        while self._sleepers and self._sleepers[0][0] <= now:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._sleepers:
            wait = max(0.0, self._sleepers[0][0] - self.now())
            self._alarm = asyncio.get_running_loop().call_later(wait, self._ring)


class StillClock(SandboxClock):
    """A clock that moves only when it is advanced, so everything in between takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.time()

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self._began + self._offset_s

    def _set_alarm(self) -> None:
        """Set no alarm: only `advance` wakes the sleepers."""
