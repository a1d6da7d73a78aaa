"""Prometheus metrics: the registry of a process, and values that are read when scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Histogram buckets in seconds, for durations that usually take milliseconds."""

Values = Mapping[tuple[str, ...], float]
"""Metric values by label values."""


def new_registry(role: str, revision: str = "") -> CollectorRegistry:
    """Build a registry with the metrics of every process. `role` is ``gateway`` or ``worker``.

    The registry is not global, so that tests can run several services in one process.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second, unused series for each counter
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    build = Info("quizrun_build", "Which release this process runs.", registry=registry)
    build.info({"version": _version(), "revision": revision, "role": role})
    return registry


@dataclass(frozen=True, slots=True)
class _Reading:
    family: type[GaugeMetricFamily | CounterMetricFamily]
    name: str
    meaning: str
    labels: tuple[str, ...]
    read: Callable[[], Values]


class Readings(Collector):
    """Gauges and counters that are kept elsewhere as plain numbers and read when scraped.

    Counting then costs only an addition. Readers must not raise.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._readings: list[_Reading] = []
        registry.register(self)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Add a gauge without labels."""
        self.gauges(name, meaning, (), lambda: {(): read()})

    def gauges(
        self, name: str, meaning: str, labels: tuple[str, ...], read: Callable[[], Values]
    ) -> None:
        """Add a gauge with labels."""
        self._readings.append(_Reading(GaugeMetricFamily, name, meaning, labels, read))

    def counter(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Add a counter without labels; `name` ends in ``_total``."""
        self.counters(name, meaning, (), lambda: {(): read()})

    def counters(
        self, name: str, meaning: str, labels: tuple[str, ...], read: Callable[[], Values]
    ) -> None:
        """Add a counter with labels; `name` ends in ``_total``."""
        self._readings.append(_Reading(CounterMetricFamily, name, meaning, labels, read))

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """Read all values."""
        for reading in self._readings:
            family = reading.family(reading.name, reading.meaning, labels=reading.labels)
            for values, number in sorted(reading.read().items()):
                family.add_metric(values, number)
            yield family


def _version() -> str:
    try:
        return version("quizrun")
    except PackageNotFoundError:  # run from an unpacked archive
        return "unknown"
