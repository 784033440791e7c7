"""Metrics in the Prometheus format, read at each scrape, so that no counters have to be kept up to date.

Values in memory are read at each scrape. Values from the database are read at most every SAMPLE_S seconds, however
often and by however many servers the bot is scraped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.clock import Clock, SystemClock
from bot.errors import EaselError

SAMPLE_S = 10.0

Reading = Callable[[], Mapping[str, float]]
"""Returns a metric's values by label; a metric without labels uses the empty one."""

AsyncReading = Callable[[], Awaitable[Mapping[str, float]]]
"""The asynchronous form of Reading, for values from the database."""

log = logging.getLogger(__name__)

Family = type[GaugeMetricFamily] | type[CounterMetricFamily]


class _Read(Collector):
    def __init__(self, family: Family, name: str, help_text: str, label: str, reading: Reading) -> None:
        self._family = family
        self._name = name
        self._help = help_text
        self._label = label
        self._reading = reading

    def collect(self) -> Iterable[Metric]:
        family = self._family(self._name, self._help, labels=[self._label] if self._label else None)
        for label, value in self._reading().items():
            family.add_metric([label] if self._label else [], value)
        yield family


@dataclass(slots=True)
class _Sample:
    """The last values read and the time of reading; a lock lets one reader refresh them at a time."""

    ask: AsyncReading
    clock: Clock
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    read_s: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self) -> None:
        async with self.turn:
            if self.clock.monotonic_s() - self.read_s < SAMPLE_S:
                return
            try:
                self.values = await self.ask()
            except EaselError as error:  # the other metrics matter most when the database is in trouble
                log.warning("a metric cannot be read: %s", error)
                self.values = {}
            self.read_s = self.clock.monotonic_s()


class Metrics:
    """The metrics of one bot, in a separate registry so that several bots in one process do not mix."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.registry = CollectorRegistry()
        self._clock: Clock = clock or SystemClock()
        self._samples: list[_Sample] = []

    def gauge(self, name: str, help_text: str, reading: Reading, *, label: str = "") -> None:
        """Add a gauge whose values are read at each scrape. `name` ends with the unit."""
        self._offer(GaugeMetricFamily, name, help_text, reading, label)

    def counter(self, name: str, help_text: str, reading: Reading, *, label: str = "") -> None:
        """Add a counter (a value that never falls) that is read at each scrape. Its name gets `_total` appended."""
        self._offer(CounterMetricFamily, name, help_text, reading, label)

    def sampled_gauge(self, name: str, help_text: str, ask: AsyncReading, *, label: str = "") -> None:
        """Add a gauge whose values come from the database."""
        self._offer(GaugeMetricFamily, name, help_text, self._sampled(ask), label)

    def sampled_counter(self, name: str, help_text: str, ask: AsyncReading, *, label: str = "") -> None:
        """Add a counter (a value that never falls) from the database. Prometheus appends `_total` to its name."""
        self._offer(CounterMetricFamily, name, help_text, self._sampled(ask), label)

    async def text(self) -> bytes:
        """Render all metrics, leaving out those that cannot be read from the database."""
        await asyncio.gather(*(sample.refresh() for sample in self._samples))
        return generate_latest(self.registry)

    def _sampled(self, ask: AsyncReading) -> Reading:
        sample = _Sample(ask, self._clock)
        self._samples.append(sample)
        return lambda: sample.values

    def _offer(self, family: Family, name: str, help_text: str, reading: Reading, label: str) -> None:
        self.registry.register(_Read(family, f"easel_{name}", help_text, label, reading))
