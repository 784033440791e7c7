"""Injectable clocks: the local clock, a version of it that does not jump, and estimates of remote servers' clocks.

No single clock is trusted. Durations are measured by the monotonic clock, including those between stored times, through
`SteadyClock`. Interaction and token ages are measured in Discord's time, which is learned from the `Date` headers of
its answers. One wrong header changes nothing; several that agree do (see `ServerClock`).
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from statistics import median
from typing import Any, Protocol

AGREE_MS = 5_000
"""Samples that differ by no more than this agree. `Date` has whole seconds only, and the network adds its own delay."""

CLOCK_WARNING_MS = 2_000
"""A larger clock offset causes a warning: deadlines use the servers' time anyway, but logs use this machine's."""

AGREEING_SAMPLES = 3
"""How many samples in a row must agree with each other before they replace the estimate."""

SAMPLES_KEPT = 9
"""The number of agreeing samples whose median is the estimate."""

SAMPLE_LIFE_MS = 60 * 60_000
"""Older samples are dropped: clocks drift, and evidence from an hour ago does not confirm a new one."""

EARLIEST_MS, LATEST_MS = 1_577_836_800_000, 4_102_444_800_000
"""Server times outside 2020 to 2099 are impossible (1970 is what a server sends before its clock is set)."""

STEP_MS = 2_000
"""The local clock counts as having been set if it differs from the monotonic clock by more than this."""

log = logging.getLogger(__name__)


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


class MachineClock(Clock, Protocol):
    """A clock that also measures true seconds, for `SteadyClock`."""

    def elapsed_s(self) -> float:
        """Return true seconds since an arbitrary moment, including the time for which the machine slept."""
        ...


class SystemClock:
    """The clock of the machine that Easel runs on. Its time jumps if someone sets it: see SteadyClock."""

    def now_ms(self) -> int:
        """Return the local time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary moment; never goes backwards."""
        return time.monotonic()

    def elapsed_s(self) -> float:
        """Return true seconds since an arbitrary moment, including the time for which the machine slept."""
        # CLOCK_MONOTONIC stands still while a laptop or a virtual machine is suspended, but deadlines do not.
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)


class SteadyClock:
    """A local clock that does not jump: the time at its start plus what the monotonic clock has measured since.

    `not_before_ms` is the newest time that an earlier process stored: if the machine's clock has been set back since,
    time continues from there instead. `elapsed_s` measures true seconds (`Clock.monotonic_s` may run faster in tests).
    """

    def __init__(self, wall: Clock, *, not_before_ms: int = 0, elapsed_s: Callable[[], float]) -> None:
        self._wall = wall
        self._elapsed_s = elapsed_s
        self._start_s = elapsed_s()
        self._start_ms = max(wall.now_ms(), not_before_ms)
        self._step_ms = self._start_ms - wall.now_ms()
        if self._step_ms > STEP_MS:
            log.warning("the machine's clock is %s s behind the newest time in the database", self._step_ms // 1_000)

    def now_ms(self) -> int:
        """Return the local time in milliseconds since the Unix epoch, independent of changes to the machine's clock."""
        now_ms = self._start_ms + round((self._elapsed_s() - self._start_s) * 1_000)
        step_ms = now_ms - self._wall.now_ms()
        if abs(step_ms - self._step_ms) > STEP_MS:
            log.warning(
                "the machine's clock was set by %s s; Easel ignores that", round((self._step_ms - step_ms) / 1_000)
            )
            self._step_ms = step_ms
        return now_ms

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary moment; never goes backwards."""
        return self._wall.monotonic_s()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await self._wall.sleep(seconds)


@dataclass(frozen=True, slots=True)
class _Sample:
    """One measurement of how far a server's clock is ahead, and its local time, both in milliseconds."""

    offset_ms: float
    at_ms: int


class ServerClock:
    """An estimate of a remote server's clock, learned from the `Date` headers of its answers.

    The estimate is the median of recent samples that agree. Samples that do not agree with it are outliers until
    AGREEING_SAMPLES of them in a row agree with each other: then the server's clock was set, and they replace the
    estimate. So neither one wrong header nor two front ends that alternate can move it. Until enough samples agree
    for the first time, the server is assumed to have the local time.
    """

    def __init__(self, local: Clock) -> None:
        """`local` must not jump, because samples are compared using it (see SteadyClock)."""
        self._local = local
        self._offset_ms = 0.0
        self._agreeing: deque[_Sample] = deque(maxlen=SAMPLES_KEPT)
        self._outliers: deque[_Sample] = deque(maxlen=AGREEING_SAMPLES)

    @property
    def offset_ms(self) -> int:
        """How far the server's clock is ahead of the local one, in milliseconds; 0 until enough samples agree."""
        return round(self._offset_ms)

    def now_ms(self) -> int:
        """Return the server's time in milliseconds since the Unix epoch."""
        return self._local.now_ms() + self.offset_ms

    def observe(self, date_header: str | None) -> None:
        """Add a sample from an answer's `Date` header; ignore one that is absent, unreadable or impossible."""
        seen_ms = _parse_date_ms(date_header)
        if seen_ms is None or not EARLIEST_MS <= seen_ms < LATEST_MS:
            return
        now_ms = self._local.now_ms()
        # The header is truncated to whole seconds, so on average the true time is half a second later.
        sample = _Sample(seen_ms + 500 - now_ms, now_ms)
        if abs(sample.offset_ms - self._offset_ms) <= AGREE_MS:
            self._outliers.clear()
            self._accept([*_young(self._agreeing, now_ms), sample])
        else:
            self._doubt(sample)

    def _accept(self, samples: list[_Sample]) -> None:
        self._agreeing = deque(samples, maxlen=SAMPLES_KEPT)
        self._offset_ms = median(sample.offset_ms for sample in self._agreeing)

    def _doubt(self, sample: _Sample) -> None:
        """Remember an outlier; replace the estimate with the newest outliers if enough of them agree."""
        alike = [one for one in self._outliers if abs(one.offset_ms - sample.offset_ms) <= AGREE_MS]
        # An outlier that contradicts the earlier ones restarts the count.
        kept = _young(self._outliers, sample.at_ms) if len(alike) == len(self._outliers) else []
        self._outliers = deque([*kept, sample], maxlen=AGREEING_SAMPLES)
        if len(self._outliers) == AGREEING_SAMPLES:
            self._accept(list(self._outliers))
            self._outliers.clear()


def _young(samples: deque[_Sample], now_ms: int) -> list[_Sample]:
    return [sample for sample in samples if now_ms - sample.at_ms <= SAMPLE_LIFE_MS]


@lru_cache(maxsize=16)  # all answers within a second have the same header
def _parse_date_ms(header: str | None) -> float | None:
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header)
        # "-0000" gives a naive time, which would otherwise be read in this machine's time zone.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


async def wakeup_or_time(wakeup: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Wait until the wake-up is set, for at most that many seconds, and clear it."""
    if wakeup.is_set():
        await asyncio.sleep(0)  # so that a caller which is always woken lets others run
    else:
        await _set_or_time(wakeup, clock, seconds)
    # Cleared before the caller looks for due work: a wake-up in the meantime causes one more round.
    wakeup.clear()


async def _set_or_time(wakeup: asyncio.Event, clock: Clock, seconds: float) -> None:
    # One task instead of three: the timer itself sets the wake-up.
    alarm = asyncio.ensure_future(clock.sleep(seconds))

    def ring(_: asyncio.Future[None]) -> None:
        wakeup.set()

    alarm.add_done_callback(ring)
    try:
        await wakeup.wait()
    finally:
        alarm.remove_done_callback(ring)
        await end([alarm])


@dataclass(frozen=True, slots=True)
class Clocks:
    """The local clock, and the estimates of Discord's and the provider's."""

    local: Clock
    discord: ServerClock
    provider: ServerClock


class Alarm:
    """Lets a task wait repeatedly for a wake-up or a time. Waits that end at the same time share one timer."""

    def __init__(self, wakeup: asyncio.Event, clock: Clock) -> None:
        self._wakeup = wakeup
        self._clock = clock
        self._at_s = 0.0
        self._timer: asyncio.Future[None] | None = None

    async def wait(self, until_s: float) -> None:
        """Wait until the wake-up is set or the monotonic clock reaches this time, and clear the wake-up."""
        if self._wakeup.is_set():
            await asyncio.sleep(0)  # so that a caller which is always woken lets others run
        else:
            if self._timer is None or self._timer.done() or self._at_s != until_s:
                await self.stop()
                self._at_s = until_s
                self._timer = asyncio.ensure_future(self._clock.sleep(until_s - self._clock.monotonic_s()))
                self._timer.add_done_callback(self._ring)
            await self._wakeup.wait()
        # Cleared before the caller looks for due work: a wake-up in the meantime causes one more round.
        self._wakeup.clear()

    async def stop(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.remove_done_callback(self._ring)
            await end([self._timer])
            self._timer = None

    def _ring(self, _: asyncio.Future[None]) -> None:
        self._wakeup.set()


async def end(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel these tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
