"""A clock for tests in which nobody moves the time: it runs as fast as the sandbox's provider does."""

import asyncio
import time

from bot.clock import SystemClock


class BriskClock(SystemClock):
    """Tells the right time, but waits and measures `speed` times as fast; fulfils `bot.clock.Clock`."""

    def __init__(self, speed: float = 20.0) -> None:
        self._speed = speed

    def monotonic_s(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
