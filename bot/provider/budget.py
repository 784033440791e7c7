"""How many calls a second the provider lets us make: a token bucket that learns its rate.

It starts slowly, learns the provider's own limit from `ratelimit-remaining` (a bucket that holds one minute's worth,
as recorded: creates 599, reads 59 999), slows down at every 429 and recovers over quiet minutes.
"""

import asyncio
import re
from collections.abc import Mapping

from bot.clock import Clock

SHARE = 0.85
"""We spend at most this part of a limit: other programs may use the same key."""

UNKNOWN_RATE = 10.0
"""Calls a second towards a provider that says nothing of its limits."""

READS_CEILING = SHARE * 3_000 / 60
CREATES_CEILING = SHARE * 600 / 60
"""Calls a second: the documented limits, which only `ratelimit-remaining` can lift."""

SLOWER, FASTER = 0.7, 1.05
"""What a 429, and a minute without one, do to the rate."""

QUIET_S = 60.0
SLOWEST = 0.05
"""Calls a second; the strictest limit seen is 6 a minute with a burst of one."""


_COUNT = re.compile(r"[0-9]{1,9}")


class RateBudget:
    """One bucket. `rate` is in calls a second; at most `burst_s` seconds' worth are saved up, one call at least."""

    def __init__(
        self, clock: Clock, *, rate: float = UNKNOWN_RATE, ceiling: float = READS_CEILING, burst_s: float = 1.0
    ) -> None:
        self._clock = clock
        self._ceiling = ceiling
        self._rate = min(rate, ceiling)
        self._burst_s = burst_s
        self._throttles = 0
        now = clock.monotonic_s()
        self._filled_at = now
        self._quiet_since = now
        self._closed_until = now
        self._tokens = self._capacity
        self._queue = asyncio.Lock()

    @property
    def rate(self) -> float:
        """Calls a second that are allowed now."""
        return self._rate

    @property
    def throttles(self) -> int:
        """How many 429s there have been."""
        return self._throttles

    @property
    def available(self) -> int:
        """How many calls could start at this moment."""
        self._refill()
        return 0 if self._clock.monotonic_s() < self._closed_until else int(self._tokens)

    def try_take(self) -> bool:
        """Take a token if there is one now."""
        if self.available < 1:
            return False
        self._tokens -= 1
        return True

    async def take(self) -> None:
        """Take a token, waiting for one where needed. Waiters are served in the order in which they came."""
        async with self._queue:
            while not self.try_take():
                await self._clock.sleep(self._wait_s())

    def observe(self, headers: Mapping[str, str]) -> None:
        """Learn from the `ratelimit-remaining` and `ratelimit-reset` headers of an answer, where it has them."""
        remaining = _count(headers.get("ratelimit-remaining"))
        if remaining is None:
            return
        self._refill()
        told = SHARE * (remaining + 1) / 60
        if told > self._ceiling:
            # The fullest bucket ever seen is the limit; an emptier one only says that it was used.
            self._ceiling = told
            self._set_rate(self._rate if self._throttles else told)
        self._tokens = min(self._tokens, float(remaining))
        if remaining == 0:
            self._close(_count(headers.get("ratelimit-reset")) or 1.0)

    def throttled(self, retry_after_s: float) -> None:
        """Learn from a 429: nothing starts for that long, and afterwards less than before.

        Answers that arrive while the budget is closed were sent before it closed: they count once.
        """
        self._refill()
        self._throttles += 1
        if self._clock.monotonic_s() >= self._closed_until:
            self._set_rate(self._rate * SLOWER)
        self._quiet_since = self._clock.monotonic_s()
        self._tokens = 0.0
        self._close(retry_after_s)

    @property
    def _capacity(self) -> float:
        return max(1.0, self._rate * self._burst_s)

    def _set_rate(self, rate: float) -> None:
        self._rate = min(max(rate, SLOWEST), self._ceiling)

    def _close(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock.monotonic_s() + seconds)

    def _refill(self) -> None:
        now = self._clock.monotonic_s()
        minutes = int((now - self._quiet_since) / QUIET_S)
        if minutes:
            self._quiet_since += minutes * QUIET_S
            self._set_rate(self._rate * FASTER ** min(minutes, 200))
        start = max(self._filled_at, min(self._closed_until, now))
        self._filled_at = now
        self._tokens = min(self._capacity, self._tokens + (now - start) * self._rate)

    def _wait_s(self) -> float:
        closed = max(0.0, self._closed_until - self._clock.monotonic_s())
        # A hair more than exact: float sums must not wake us a token too early, again and again.
        return closed + max(0.0, 1.0 - self._tokens) / self._rate + 0.001


def _count(text: str | None) -> float | None:
    return float(text) if text and _COUNT.fullmatch(text) else None
