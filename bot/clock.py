"""Injectable clocks: the local clock, which can also sleep, and estimates of remote servers' clocks.

Interaction ages are measured in Discord's time and runs in the provider's. Both servers send their time in the `Date`
header of every answer, so a machine with a wrong clock neither refuses valid interactions nor waits past a deadline.
"""

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import Protocol

JUMP_MS = 5_000
"""A larger change of the offset means that somebody set a clock, and is adopted at once; a smaller one is smoothed."""

SMOOTHING = 0.2
"""Weight of a new observation. `Date` has whole seconds only, so a single one can be off by up to a second."""


class Clock(Protocol):
    """The local clock. Tests inject one that they advance by hand."""

    def now_ms(self) -> int:
        """Return the local time in milliseconds since the Unix epoch."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary moment; never goes backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        ...


class SystemClock:
    """The clock of the machine that Easel runs on."""

    def now_ms(self) -> int:
        """Return the local time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary moment; never goes backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)


class ServerClock:
    """An estimate of a remote server's clock, learned from the `Date` headers of its answers."""

    def __init__(self, local: Clock) -> None:
        self._local = local
        self._offset_ms: float | None = None

    @property
    def offset_ms(self) -> int:
        """How far the server's clock is ahead of the local one, in milliseconds; 0 until the first observation."""
        return round(self._offset_ms or 0)

    def now_ms(self) -> int:
        """Return the server's time in milliseconds since the Unix epoch."""
        return self._local.now_ms() + self.offset_ms

    def observe(self, date_header: str | None) -> None:
        """Update the estimate from an answer's `Date` header; ignore one that is absent or unreadable."""
        if not date_header:
            return
        try:
            seen_ms = parsedate_to_datetime(date_header).timestamp() * 1_000
        except ValueError:
            return
        # The header is truncated to whole seconds, so on average the true time is half a second later.
        offset = seen_ms + 500 - self._local.now_ms()
        if self._offset_ms is None or abs(offset - self._offset_ms) > JUMP_MS:
            self._offset_ms = offset
        else:
            self._offset_ms += SMOOTHING * (offset - self._offset_ms)
