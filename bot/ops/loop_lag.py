"""Measures how late the event loop runs due callbacks: everything waits for whatever blocks it."""

import asyncio

from bot.histogram import Histogram

EVERY_S = 0.5
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class LoopLag:
    """The delay of a timer that is due twice a second. The time is the loop's own, not a clock that tests move."""

    def __init__(self) -> None:
        self.seconds = Histogram(BOUNDS_S)
        self._timer: asyncio.TimerHandle | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start measuring a loop."""
        due_s = loop.time() + EVERY_S
        self._timer = loop.call_at(due_s, self._fired, loop, due_s)

    def stop(self) -> None:
        """Stop measuring."""
        if self._timer is not None:
            self._timer.cancel()

    def _fired(self, loop: asyncio.AbstractEventLoop, due_s: float) -> None:
        # Timers may fire a clock tick early.
        self.seconds.observe(max(0.0, loop.time() - due_s))
        self.start(loop)
