"""Metrics in Prometheus' form, read when they are asked for, so that nothing has to be kept up to date.

What memory knows is read at each scrape. What the database knows is read before it, and at most every SAMPLE_S: however
many scrape, and however often, it costs the bot one short read in that time.
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
"""Gives a metric's values by label; the empty label is the metric itself."""

Asking = Callable[[], Awaitable[Mapping[str, float]]]
"""The same for what has to be waited for."""

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
    """What was read last, and when. One reader at a time."""

    ask: Asking
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
            except EaselError as error:  # what memory knows is wanted most when the database is in trouble
                log.warning("a metric cannot be read: %s", error)
                self.values = {}
            self.read_s = self.clock.monotonic_s()


class Metrics:
    """A registry of its own, so that two bots in one process (or one after the other) do not mix."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.registry = CollectorRegistry()
        self._clock: Clock = clock or SystemClock()
        self._samples: list[_Sample] = []

    def gauge(self, name: str, help_text: str, reading: Reading, *, label: str = "") -> None:
        """Offer a gauge whose values `reading` gives at each scrape. Units stand last in `name`."""
        self._offer(GaugeMetricFamily, name, help_text, reading, label)

    def sampled_gauge(self, name: str, help_text: str, ask: Asking, *, label: str = "") -> None:
        """Offer a gauge whose values have to be waited for."""
        self._offer(GaugeMetricFamily, name, help_text, self._sampled(ask), label)

    def sampled_counter(self, name: str, help_text: str, ask: Asking, *, label: str = "") -> None:
        """Offer a counter, which never falls, whose values have to be waited for. Its name gets `_total` at the end."""
        self._offer(CounterMetricFamily, name, help_text, self._sampled(ask), label)

    async def text(self) -> bytes:
        """Write all of them as they are now; without those that the database cannot tell."""
        await asyncio.gather(*(sample.refresh() for sample in self._samples))
        return generate_latest(self.registry)

    def _sampled(self, ask: Asking) -> Reading:
        sample = _Sample(ask, self._clock)
        self._samples.append(sample)
        return lambda: sample.values

    def _offer(self, family: Family, name: str, help_text: str, reading: Reading, label: str) -> None:
        self.registry.register(_Read(family, f"easel_{name}", help_text, label, reading))
