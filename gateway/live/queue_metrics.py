"""Metrics of a gateway's batch queues: sizes, durations and waiting items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Histogram

from db.batching import BatchWriter
from telemetry.metrics import LATENCY_BUCKETS, Readings, Values

SIZE_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)

Observe = Callable[[int, float], None]


class QueueMetrics:
    """Metrics by queue: the name of its `BatchWriter`, with underscores for spaces."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._items = Histogram(
            "quizrun_batch_items",
            "Items in a batch.",
            ["queue"],
            buckets=SIZE_BUCKETS,
            registry=registry,
        )
        self._seconds = Histogram(
            "quizrun_batch_seconds",
            "How long a batch took to write.",
            ["queue"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._readings = Readings(registry)

    def observer(self, name: str) -> Observe:
        """Return the `observe` callback of a `BatchWriter`."""
        items, seconds = self._items.labels(_label(name)), self._seconds.labels(_label(name))

        def observe(size: int, took_s: float) -> None:
            items.observe(size)
            seconds.observe(took_s)

        return observe

    def watch(self, queues: Iterable[BatchWriter[Any, Any]]) -> None:
        """Export the waiting, refused and expired items of `queues`, read at each scrape."""
        by_name = {_label(queue.name): queue for queue in queues}

        def each(read: Callable[[BatchWriter[Any, Any]], float]) -> Callable[[], Values]:
            return lambda: {(name,): read(queue) for name, queue in by_name.items()}

        gauges, counters, labels = self._readings.gauges, self._readings.counters, ("queue",)
        gauges("quizrun_queue_items", "Waiting items.", labels, each(lambda queue: queue.queued))
        gauges(
            "quizrun_queue_limit",
            "Maximum waiting items.",
            labels,
            each(lambda queue: queue.max_queue),
        )
        counters(
            "quizrun_queue_refused_total",
            "Items refused because the queue was full.",
            labels,
            each(lambda queue: queue.refused),
        )
        counters(
            "quizrun_queue_expired_total",
            "Items that could not be written in time.",
            labels,
            each(lambda queue: queue.expired),
        )
        counters(
            "quizrun_batch_retries_total",
            "Batches retried after a transient error.",
            labels,
            each(lambda queue: queue.retries),
        )


def _label(name: str) -> str:
    return name.replace(" ", "_")
