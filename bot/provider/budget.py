"""A token bucket that learns how many calls per second the provider allows.

It starts slowly, takes the provider's limit from `ratelimit-remaining` (the remaining calls of one minute; recorded
first values are 599 for creates and 59,999 for reads) as soon as an answer states it, slows down before the provider's
bucket is empty and at each 429, and recovers over quiet minutes.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Protocol

from bot.clock import Clock
from bot.provider.retry_after import CAP_S

SHARE = 0.85
"""The largest share of a limit that Easel uses, because other programs may use the same key."""

UNKNOWN_RATE = 10.0
"""Calls per second to a provider that does not state its limits."""

READS_CEILING = SHARE * 3_000 / 60
CREATES_CEILING = SHARE * 600 / 60
"""The documented limits (3,000 and 600 per minute) in calls per second; only `ratelimit-remaining` can raise them."""

LEFT_PER_S = 1.0
"""The share of the calls left in the provider's bucket that may be used per second.

However fast that bucket is refilled, and however many others use it, its level settles above zero: it falls only while
more is used than flows in, and then less is used.
"""

SLOWER, FASTER = 0.7, 1.05
"""Factors by which a 429 lowers the rate and a minute without one raises it."""

QUIET_S = 60.0
SLOWEST = 0.05
"""The lowest rate in calls per second; the strictest limit seen is 6 per minute with a burst of 1."""


SUPPLY_S = 0.05
"""How long to wait before checking again whether other processes have left some calls."""

_COUNT = re.compile(r"[0-9]{1,9}")


class Supply(Protocol):
    """The calls that this process may make out of a budget that several processes share."""

    @property
    def left(self) -> int:
        """How many calls may be made now."""
        ...

    def use(self, calls: int, per_s: float) -> None:
        """Use 0 or more calls, and fetch more if few are left. All processes together may make `per_s` a second."""
        ...


class RateBudget:
    """A token bucket for one kind of call.

    `rate` is in calls per second, and `ceiling` its upper bound until the provider states its limit. Up to `burst_s`
    seconds' worth of unused calls is saved up, but at least one call. `whole_minute` means that the provider's bucket
    contains a whole minute's calls, so that its level also shows a limit that is lower than `rate`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        rate: float = UNKNOWN_RATE,
        ceiling: float = READS_CEILING,
        burst_s: float = 1.0,
        whole_minute: bool = True,
    ) -> None:
        self._clock = clock
        self._ceiling = ceiling
        self._told = 0.0 if whole_minute else ceiling
        self._left: float | None = None
        self._rate = min(rate, ceiling)
        self._burst_s = burst_s
        self.taken = 0
        """How many tokens have been taken so far, including those that were given back: a counter never falls."""
        self.throttles = 0
        """How many calls the provider refused with 429."""
        now = clock.monotonic_s()
        self._filled_at = now
        self._quiet_since = now
        self._closed_until = now
        self._tokens = self._capacity
        self._supply: Supply | None = None
        # asyncio.Lock wakes its waiters in order of arrival, so waiting callers cannot overtake each other.
        self._queue = asyncio.Lock()

    @property
    def rate(self) -> float:
        """The current rate in calls per second."""
        return self._rate

    def draw_from(self, supply: Supply) -> None:
        """From now on, only make calls that this process gets from a budget that several processes share."""
        self._supply = supply

    @property
    def available(self) -> int:
        """The number of calls that may start right now."""
        self._refill()
        own = 0 if self._clock.monotonic_s() < self._closed_until else int(self._tokens)
        if self._supply is None or not own:
            return own
        self._supply.use(0, self._pace)
        return min(own, self._supply.left)

    def try_take(self) -> bool:
        """Take a token and return True if one is available now."""
        if self.available < 1:
            return False
        self._tokens -= 1
        self.taken += 1
        if self._supply is not None:
            self._supply.use(1, self._pace)
        return True

    def give_back(self) -> None:
        """Return a token that was not used. A token of a shared budget is lost."""
        self._tokens = min(self._capacity, self._tokens + 1)

    async def take(self) -> None:
        """Take a token, waiting if necessary. Callers are served in order of arrival."""
        async with self._queue:
            while not self.try_take():
                await self._clock.sleep(self._wait_s())

    def observe(self, headers: Mapping[str, str]) -> None:
        """Learn from the `ratelimit-remaining` and `ratelimit-reset` headers of an answer, if present."""
        remaining = _count(headers.get("ratelimit-remaining"))
        if remaining is None:
            return
        self._refill()
        self._left = remaining
        # The header counts the calls left after this one, in a bucket that holds a whole minute's worth.
        stated = SHARE * (remaining + 1) / 60
        if remaining and stated >= self._told:
            # The fullest bucket ever seen shows the limit; a less full one only shows that calls were made, and an
            # empty one says nothing.
            self._told = self._ceiling = stated
            # After a 429 the lower learned rate stays: the provider enforces more than this header says.
            self._set_rate(self._rate if self.throttles else stated)
        self._tokens = min(self._tokens, remaining)
        if remaining == 0:
            # A mistaken reset (a date, milliseconds) must not stop all calls for longer than a 429 could.
            self._close(min(_count(headers.get("ratelimit-reset")) or 1.0, CAP_S))

    def throttled(self, retry_after_s: float) -> None:
        """Learn from a 429: allow no call for that many seconds, and fewer than before afterwards.

        A 429 that arrives while the budget is closed answers a call sent before it closed, so it does not lower the
        rate again.
        """
        self._refill()
        self.throttles += 1
        if self._clock.monotonic_s() >= self._closed_until:
            self._set_rate(self._rate * SLOWER)
        self._quiet_since = self._clock.monotonic_s()
        self._tokens = 0.0
        self._close(retry_after_s)

    @property
    def _capacity(self) -> float:
        return max(1.0, self._rate * self._burst_s)

    @property
    def _pace(self) -> float:
        """The calls per second that the provider's bucket allows now."""
        return self._rate if self._left is None else min(self._rate, max(self._left, 1.0) * LEFT_PER_S)

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
        # No tokens accrue while the budget is closed: otherwise it would reopen with a burst.
        start = max(self._filled_at, min(self._closed_until, now))
        self._filled_at = now
        # Calls that were saved up before the rate was lowered may still be made.
        self._tokens = max(self._tokens, min(self._capacity, self._tokens + (now - start) * self._pace))

    def _wait_s(self) -> float:
        closed = max(0.0, self._closed_until - self._clock.monotonic_s())
        if self._supply is not None and self._tokens >= 1 and not self._supply.left:
            return closed + SUPPLY_S
        # One millisecond extra: with rounding errors the caller might otherwise wake up just too early, repeatedly.
        return closed + max(0.0, 1.0 - self._tokens) / self._pace + 0.001


def _count(text: str | None) -> float | None:
    return float(text) if text and _COUNT.fullmatch(text) else None
