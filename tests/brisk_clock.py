"""A clock for tests that do not advance time themselves: it runs as fast as the sandbox's provider."""

import asyncio
import time

from bot.clock import SystemClock


class BriskClock(SystemClock):
    """A `bot.clock.Clock` that shows the real time, but waits and measures `speed` times as fast."""

    def __init__(self, speed: float = 20.0) -> None:
        self._speed = speed
        self._skipped_s = 0.0

    def monotonic_s(self) -> float:
        return time.monotonic() * self._speed + self._skipped_s

    def skip(self, seconds: float) -> None:
        """Move the clock forward without waking sleeping tasks."""
        self._skipped_s += seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
