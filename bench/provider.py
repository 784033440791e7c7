"""A provider in simulated time, with the limits that were measured on the official host."""

import asyncio
import bisect
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.errors import NotFound, ProviderBusy
from bot.provider.budget import CREATES_CEILING, RateBudget
from bot.provider.wire import ProviderPrediction, RunStatus

PAGE = 100
NEVER_MS = 1 << 50
ONE_WAY_S = 0.1
"""The time that a request or an answer takes: the end of a run cannot be noticed sooner."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """A model in a mix: its share, and its runs' durations, as medians and deviations of lognormal distributions."""

    name: str
    share: float
    start_s: float
    run_s: float
    spread: float
    queue_s: float = 0.0


COLD, COLD_FROM_S, COLD_TO_S = 0.05, 30.0, 120.0
START_SPREAD, QUEUE_SPREAD = 0.5, 0.5


def took(model: Mixed, chance: random.Random) -> tuple[float, float]:
    """Return how long a run of this model waits and runs, in seconds."""
    start_s = chance.lognormvariate(math.log(model.start_s), START_SPREAD)
    if chance.random() < COLD:
        start_s += chance.uniform(COLD_FROM_S, COLD_TO_S)
    if model.queue_s:
        start_s += chance.lognormvariate(math.log(model.queue_s), QUEUE_SPREAD)
    return start_s, chance.lognormvariate(math.log(model.run_s), model.spread)


@dataclass(slots=True)
class SimulatedRun:
    id: str
    created_ms: int
    started_ms: int
    completed_ms: int
    noticed: bool = False


@dataclass(slots=True)
class Bucket:
    """The provider's own count of calls: one minute's worth, refilled continuously."""

    per_minute: int
    left: float = field(init=False)
    at_s: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.per_minute

    def take(self, now_s: float) -> bool:
        self.left = min(self.per_minute, self.left + (now_s - self.at_s) * self.per_minute / 60)
        self.at_s = now_s
        if self.left < 1:
            return False
        self.left -= 1
        return True


class SimulatedProvider:
    """Answers reads as `ProviderClient` does. `on_end` is called when an answer first shows that a run has ended."""

    def __init__(self, clock: Clock, reads_per_minute: int, *, lists: bool = False) -> None:
        self.clock = clock
        self.reads = RateBudget(clock)
        self.creates = RateBudget(clock, rate=CREATES_CEILING, ceiling=CREATES_CEILING, whole_minute=False)
        self.listings = RateBudget(clock)
        self.runs: dict[str, SimulatedRun] = {}
        self.pages_read = 0
        self._lists = lists
        self._by_age: list[tuple[int, str]] = []
        self.lags_s: list[tuple[float, float]] = []
        self.reads_made = 0
        self.refused = 0
        self._bucket, self._pages = Bucket(reads_per_minute), Bucket(reads_per_minute)

    async def fetch(self, prediction_id: str) -> ProviderPrediction:
        await asyncio.sleep(ONE_WAY_S)
        self.reads_made += 1
        allowed = self._bucket.take(self.clock.monotonic_s())
        asked_ms = self.clock.now_ms()
        await asyncio.sleep(ONE_WAY_S)
        if not allowed:
            self.refused += 1
            self.reads.throttled(1.0)
            raise ProviderBusy(retry_after_s=1, detail="throttled")
        self.reads.observe({"ratelimit-remaining": str(int(self._bucket.left)), "ratelimit-reset": "1"})
        run = self.runs.get(prediction_id)
        if run is None:
            raise NotFound(what="prediction", name=prediction_id)
        if asked_ms >= run.completed_ms:
            self.noticed(run)
        return _shown(run, asked_ms)

    def add(self, run: SimulatedRun) -> None:
        """Add a run to the provider."""
        self.runs[run.id] = run
        bisect.insort(self._by_age, (run.created_ms, run.id))

    async def page(self, before_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """Return a page of runs, newest first."""
        await asyncio.sleep(ONE_WAY_S)
        if not self._lists:
            return None
        self.pages_read += 1
        if not self._pages.take(self.clock.monotonic_s()):
            self.refused += 1
        at_ms = self.clock.now_ms()
        last = bisect.bisect_left(self._by_age, (before_ms, ""))
        listed = [_shown(self.runs[name], at_ms) for _, name in reversed(self._by_age[max(0, last - PAGE) : last])]
        await asyncio.sleep(ONE_WAY_S)
        self.listings.observe({"ratelimit-remaining": str(int(self._pages.left)), "ratelimit-reset": "1"})
        return tuple(listed)

    def noticed(self, run: SimulatedRun) -> None:
        """Record that the end of a run has been noticed."""
        if not run.noticed:
            run.noticed = True
            self.lags_s.append((run.completed_ms / 1_000, (self.clock.now_ms() - run.completed_ms) / 1_000))

    async def create(self, path: str, body: Mapping[str, object], *, webhook: str | None = None) -> ProviderPrediction:
        raise NotImplementedError(path, body, webhook)

    async def cancel(self, prediction_id: str) -> ProviderPrediction | None:
        raise NotImplementedError(prediction_id)


class EndlessRuns(SimulatedProvider):
    """A provider whose runs never end and are not stored; it records when it was first read."""

    first_s: float | None = None

    async def fetch(self, prediction_id: str) -> ProviderPrediction:
        self.first_s = self.first_s or time.perf_counter()
        now_ms = self.clock.now_ms()
        self.runs[prediction_id] = SimulatedRun(prediction_id, now_ms, now_ms, NEVER_MS)
        found = await super().fetch(prediction_id)
        del self.runs[prediction_id]
        return found


def _shown(run: SimulatedRun, at_ms: int) -> ProviderPrediction:
    ended, started = at_ms >= run.completed_ms, at_ms >= run.started_ms
    status = RunStatus.SUCCEEDED if ended else RunStatus.RUNNING if started else RunStatus.STARTING
    return ProviderPrediction(
        id=run.id,
        status=status,
        raw_status=status.value,
        input={},
        outputs=("https://files.example/result.png",) if ended else (),
        error=None,
        seed=None,
        step=None,
        steps=None,
        created_ms=run.created_ms,
        started_ms=run.started_ms if started else None,
        completed_ms=run.completed_ms if ended else None,
        data_removed=False,
        model=None,
        version=None,
    )
