"""Prometheus metrics: the registry of a process, and values that are read when they are scraped."""

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
"""Seconds, for whatever usually takes milliseconds."""

Values = Mapping[tuple[str, ...], float]
"""Values by the values of their labels."""


def new_registry(role: str, revision: str = "") -> CollectorRegistry:
    """Return a registry with what every process shows. `role` is ``gateway`` or ``worker``.

    Each has its own, so that tests can have several in one process.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]  # one more series for each counter, which nobody asks for
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
    """Gauges and counters that live elsewhere as plain numbers.

    Counting costs an addition then, whatever the scrape costs. Readers must not raise.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._readings: list[_Reading] = []
        registry.register(self)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show one number that goes up and down."""
        self.gauges(name, meaning, (), lambda: {(): read()})

    def gauges(
        self, name: str, meaning: str, labels: tuple[str, ...], read: Callable[[], Values]
    ) -> None:
        """Show numbers that go up and down."""
        self._readings.append(_Reading(GaugeMetricFamily, name, meaning, labels, read))

    def counter(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show one number that only grows; `name` ends in ``_total``."""
        self.counters(name, meaning, (), lambda: {(): read()})

    def counters(
        self, name: str, meaning: str, labels: tuple[str, ...], read: Callable[[], Values]
    ) -> None:
        """Show numbers that only grow; `name` ends in ``_total``."""
        self._readings.append(_Reading(CounterMetricFamily, name, meaning, labels, read))

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """Read everything."""
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
