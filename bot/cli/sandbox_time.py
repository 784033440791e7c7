"""The sandbox's time, which the bot follows: moving it forward brings allowances, deadlines and erasures closer."""

from typing import Protocol

from bot.clock import SystemClock


class MovableClock(Protocol):
    """The sandbox's clock, which its page can move forward."""

    def now_ms(self) -> int:
        """Return the time in milliseconds since the Unix epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has advanced by this many seconds."""
        ...


class SandboxTime(SystemClock):
    """A machine clock that treats a step of the sandbox's clock like a laptop's sleep: time has passed."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now_ms(self) -> int:
        """Return the sandbox's time in milliseconds since the Unix epoch."""
        return self._clock.now_ms()

    def elapsed_s(self) -> float:
        """Return the seconds that have passed in the sandbox since the Unix epoch."""
        return self._clock.now_ms() / 1_000

    async def sleep(self, seconds: float) -> None:
        """Wait until that many seconds have passed in the sandbox."""
        await self._clock.sleep(seconds)
