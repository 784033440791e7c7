"""Time, injected: what the local clock says, how to wait, and what a server's clock says.

Interaction ages count in Discord's time and runs in the provider's (both tell theirs in the `Date` header of every
answer), so a machine whose clock is wrong neither refuses good interactions nor waits past a deadline.
"""

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import Protocol

JUMP_MS = 5_000
"""An offset that moves by more than this is believed at once: somebody set a clock. Less is noise and is smoothed."""

SMOOTHING = 0.2
"""Weight of a new observation; `Date` counts whole seconds, so one alone is wrong by up to a second."""


class Clock(Protocol):
    """The local clock. Tests pass one that they move by hand."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC, by the local clock."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since an unknown moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds since an unknown moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)


class ServerClock:
    """A server's clock, learned from the `Date` headers of its answers."""

    def __init__(self, local: Clock) -> None:
        self._local = local
        self._offset_ms: float | None = None

    @property
    def offset_ms(self) -> int:
        """How far the server's clock is ahead of ours, in milliseconds; 0 until it was seen."""
        return round(self._offset_ms or 0)

    def now_ms(self) -> int:
        """Milliseconds since 1970 by the server's clock."""
        return self._local.now_ms() + self.offset_ms

    def observe(self, date_header: str | None) -> None:
        """Learn from one answer's `Date` header; one that is absent or unreadable teaches nothing."""
        if not date_header:
            return
        try:
            seen_ms = parsedate_to_datetime(date_header).timestamp() * 1_000
        except ValueError:
            return
        # The header is cut to whole seconds: the true time lies half a second later on average.
        offset = seen_ms + 500 - self._local.now_ms()
        if self._offset_ms is None or abs(offset - self._offset_ms) > JUMP_MS:
            self._offset_ms = offset
        else:
            self._offset_ms += SMOOTHING * (offset - self._offset_ms)
