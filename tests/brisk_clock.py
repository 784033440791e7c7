"""A clock for tests that do not move time themselves: it runs as fast as the sandbox's provider."""

import asyncio
import time

from bot.clock import SystemClock

BRISK = 20.0
"""How many times as fast as the real time a brisk clock is."""


class BriskClock(SystemClock):
    """A `bot.clock.Clock` that shows the real time, but waits and measures `speed` times as fast."""

    def __init__(self, speed: float = BRISK) -> None:
        self._speed = speed

    def monotonic_s(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
