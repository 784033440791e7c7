"""Metrics in Prometheus' form: gauges read when they are asked for, so nothing has to be kept up to date."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Reading = Callable[[], Mapping[str, float]]
"""Gives a gauge's values by label; the empty label is the gauge itself."""


class _Gauges(Collector):
    def __init__(self, name: str, help_text: str, label: str, reading: Reading) -> None:
        self._name = name
        self._help = help_text
        self._label = label
        self._reading = reading

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._help, labels=[self._label] if self._label else None)
        for label, value in self._reading().items():
            family.add_metric([label] if self._label else [], value)
        yield family


class Metrics:
    """A registry of its own, so that two bots in one process (or one after the other) do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def gauge(self, name: str, help_text: str, reading: Reading, *, label: str = "") -> None:
        """Offer a gauge whose values `reading` gives at each scrape. Units stand last in `name`."""
        self.registry.register(_Gauges(f"easel_{name}", help_text, label, reading))
