"""Metrics in the Prometheus format, read at each scrape, so that most need no copy that has to be kept up to date.

Values in memory are read at each scrape. Values from the database, the disk and other slow places are read at most
every SAMPLE_S seconds, however often and by however many servers the bot is scraped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.clock import Clock, SystemClock
from bot.errors import EaselError
from bot.histogram import Histogram

SAMPLE_S = 10.0

ANSWER_S = 6.0
"""How long reading values may take. Prometheus waits 10 s for all metrics, and an unreachable database takes longer."""

Values = Mapping[str, float] | Mapping[tuple[str, ...], float]
"""A metric's values by label, or by all labels; a metric without labels uses the empty string."""

Reading = Callable[[], Values]
"""Returns a metric's values."""

AsyncReading = Callable[[], Awaitable[Values]]
"""The asynchronous form of Reading, for values from the database."""

Labels = str | tuple[str, ...]
"""The name of a metric's label, or the names of several; the empty string for none."""

T = TypeVar("T")

log = logging.getLogger(__name__)

Family = type[GaugeMetricFamily] | type[CounterMetricFamily]


class _Read(Collector):
    def __init__(self, family: Family, name: str, help_text: str, labels: Labels, reading: Reading) -> None:
        self._family = family
        self._name = name
        self._help = help_text
        self._labels = _all(labels)
        self._reading = reading

    def collect(self) -> Iterable[Metric]:
        family = self._family(self._name, self._help, labels=self._labels)
        for labels, value in self._reading().items():
            family.add_metric(_all(labels), value)
        yield family


class _Distribution(Collector):
    def __init__(self, name: str, help_text: str, histogram: Histogram) -> None:
        self._name = name
        self._help = help_text
        self._histogram = histogram

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(self._name, self._help)
        buckets = [(_bound(bound), float(count)) for bound, count in self._histogram.cumulative()]
        family.add_metric([], buckets, self._histogram.total)
        yield family


def _bound(value: float) -> str:
    return "+Inf" if value == float("inf") else str(float(value))


def _all(labels: Labels) -> tuple[str, ...]:
    return labels if isinstance(labels, tuple) else (labels,) if labels else ()


class _Sample(Generic[T]):
    """The last values and the time of their reading; None if it failed. A lock lets one reader refresh it at a time."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock, answer_s: float) -> None:
        self._ask = ask
        self._clock = clock
        self._answer_s = answer_s
        self._read_s = float("-inf")
        self._turn = asyncio.Lock()
        self.found: T | None = None

    async def refresh(self) -> None:
        async with self._turn:
            if self._clock.monotonic_s() - self._read_s < SAMPLE_S:
                return
            try:
                async with asyncio.timeout(self._answer_s):
                    self.found = await self._ask()
            except (EaselError, OSError) as error:  # the other metrics matter most when a disk is in trouble
                log.warning("a metric cannot be read: %s", str(error) or f"no answer within {self._answer_s:g} s")
                self.found = None
            self._read_s = self._clock.monotonic_s()


class Metrics:
    """The metrics of one bot, in a separate registry so that several bots in one process do not mix."""

    def __init__(self, clock: Clock | None = None, *, answer_s: float = ANSWER_S) -> None:
        """Leave out each value that cannot be read within `answer_s`."""
        self._answer_s = answer_s
        self.registry = CollectorRegistry()
        self._clock: Clock = clock or SystemClock()
        self._samples: list[_Sample[Any]] = []

    def process(self) -> None:
        """Add what the Prometheus library knows about every process: `process_…` and `python_info`."""
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def gauge(self, name: str, help_text: str, reading: Reading, *, labels: Labels = "") -> None:
        """Add a gauge whose values are read at each scrape. `name` ends with the unit."""
        self._offer(GaugeMetricFamily, name, help_text, reading, labels)

    def counter(self, name: str, help_text: str, reading: Reading, *, labels: Labels = "") -> None:
        """Add a counter (a value that never falls) that is kept in memory. Prometheus appends `_total` to its name."""
        self._offer(CounterMetricFamily, name, help_text, reading, labels)

    def histogram(self, name: str, help_text: str, histogram: Histogram) -> None:
        """Add a histogram that is kept in memory. `name` ends with the unit."""
        self.registry.register(_Distribution(f"easel_{name}", help_text, histogram))

    def sampled_gauge(self, name: str, help_text: str, ask: AsyncReading, *, labels: Labels = "") -> None:
        """Add a gauge whose values come from the database, or another source that is slow to read."""
        found = self.sample(ask)
        self.gauge(name, help_text, lambda: found() or {}, labels=labels)

    def sample(self, ask: Callable[[], Awaitable[T]]) -> Callable[[], T | None]:
        """Ask before a scrape, at most every SAMPLE_S seconds. Return a getter for the answer (None if it failed)."""
        sample = _Sample(ask, self._clock, self._answer_s)
        self._samples.append(sample)
        return lambda: sample.found

    async def text(self) -> bytes:
        """Render all metrics, leaving out those that cannot be read from the database."""
        await asyncio.gather(*(sample.refresh() for sample in self._samples))
        return generate_latest(self.registry)

    def _offer(self, family: Family, name: str, help_text: str, reading: Reading, labels: Labels) -> None:
        self.registry.register(_Read(family, f"easel_{name}", help_text, labels, reading))
