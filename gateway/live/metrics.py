"""Metrics of a gateway's sockets, rooms and requests."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sized
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from gateway.live.queue_metrics import QueueMetrics
from telemetry.metrics import Readings

ACK_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

SKEW_BUCKETS = (-2, -1, -0.5, -0.25, -0.1, -0.05, 0, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
REVEAL_BUCKETS = (0.25, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60)

TRANSPORT_COUNTERS = (
    (
        "quizrun_transport_sessions_opened_total",
        "Connections that were opened.",
        "opened",
    ),
    (
        "quizrun_transport_bad_packets_total",
        "Packets that violated the protocol; their connections were closed.",
        "bad_packets",
    ),
    (
        "quizrun_transport_coalesced_total",
        "Messages to slow clients that were replaced by newer ones.",
        "coalesced",
    ),
)

WATCHED = (
    *("end:slow_consumer", "end:too_many_packets", "end:too_many_refusals", "end:join_timeout"),
    *("refused:server_full", "refused:network_full"),
)
"""Alerts watch these: the series must exist before the first one."""


class LiveMetrics:
    """The metrics of the live side; one object for each process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.sockets = Gauge(
            "quizrun_sockets", "Connected sockets.", ["namespace"], registry=registry
        )
        self.rooms = Gauge(
            "quizrun_rooms", "Runs with an open room on this gateway.", registry=registry
        )
        self.requests = Requests()
        registry.register(self.requests)
        self.sent = Counter(
            "quizrun_socket_messages_total",
            "Messages sent, counted for each socket.",
            ["event"],
            registry=registry,
        )
        self.resyncs = Counter(
            "quizrun_resyncs_total",
            "Rooms whose clients were sent snapshots because events were missed.",
            ["reason"],
            registry=registry,
        )
        self.turned_away = Counter(
            "quizrun_turned_away_total",
            "Clients told to reconnect later because too many connected at once.",
            registry=registry,
        )
        self.connects = Counter(
            "quizrun_socket_connects_total",
            "Attempts to connect to a namespace, by outcome (ok or an error code).",
            ["namespace", "outcome"],
            registry=registry,
        )
        self.question_skew = Histogram(
            "quizrun_question_skew_seconds",
            "When a question was written to all sockets of a room, relative to its opens_at.",
            buckets=SKEW_BUCKETS,
            registry=registry,
        )
        self.reveal_delay = Histogram(
            "quizrun_reveal_delay_seconds",
            "From the end of a question until its reveal was written to all sockets of a room.",
            buckets=REVEAL_BUCKETS,
            registry=registry,
        )
        self.queues = QueueMetrics(registry)
        self._readings = Readings(registry)
        self.signal_failures = Counter(
            "quizrun_signal_failures_total",
            "Reports to a run's workflow that failed. What still holds is reported again.",
            ["signal"],
            registry=registry,
        )

    def watch_transport(
        self, counters: Mapping[str, int], sessions: Sized, backlog: Callable[[], int]
    ) -> None:
        """Export the transport's counters, its number of sessions and their backlog, read at each
        scrape.
        """
        self._registry.register(_TransportCounters(counters))
        self._readings.gauge(
            "quizrun_transport_sessions", "Open connections.", lambda: len(sessions)
        )
        self._readings.gauge(
            "quizrun_transport_backlog_bytes", "What slow clients have not read yet.", backlog
        )

    def watch_admission(self, wait_s: Callable[[], float]) -> None:
        """Export `wait_s`, how long a player who connects now waits in line."""
        self._readings.gauge(
            "quizrun_admission_wait_seconds",
            "How long a player who connects now waits in line.",
            wait_s,
        )


class _TransportCounters(Collector):
    """Exports the counters of `gateway.transport`: ``end:<reason>`` and a few others."""

    def __init__(self, counters: Mapping[str, int]) -> None:
        self._counters = counters

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Return the counters, including those that are still 0."""
        counters = self._counters
        for name, meaning, key in TRANSPORT_COUNTERS:
            yield CounterMetricFamily(name, meaning, value=counters.get(key, 0))
        ended = CounterMetricFamily(
            "quizrun_transport_sessions_ended_total",
            "Connections that ended, by reason; slow_consumer: the client read too slowly.",
            labels=["reason"],
        )
        refused = CounterMetricFamily(
            "quizrun_transport_sessions_refused_total",
            "Connections that were refused, by reason.",
            labels=["reason"],
        )
        families = {"end": ended, "refused": refused}
        for key, number in sorted((dict.fromkeys(WATCHED, 0) | dict(counters)).items()):
            kind, _, reason = key.partition(":")
            if kind in families:
                families[kind].add_metric([reason.replace(" ", "_")], number)
        yield from families.values()


class Requests(Collector):
    """Counts of client events. There may be tens of thousands a second, so one thread counts them
    in plain lists, which become metrics at each scrape.
    """

    def __init__(self) -> None:
        self._outcomes: Tally[tuple[str, str]] = Tally()
        self._ack_seconds: dict[str, tuple[list[int], list[float]]] = {}

    def count(self, event: str, outcome: str) -> None:
        """Count an event without an acknowledgement. Both labels need a small set of values."""
        self._outcomes[event, outcome] += 1

    def acknowledged(self, event: str, outcome: str, after_s: float) -> None:
        """Count an event, acknowledged `after_s` seconds after it arrived."""
        self._outcomes[event, outcome] += 1
        found = self._ack_seconds.get(event)
        if found is None:
            found = self._ack_seconds[event] = [0] * (len(ACK_BUCKETS) + 1), [0.0]
        counts, total_s = found
        counts[bisect_left(ACK_BUCKETS, after_s)] += 1
        total_s[0] += after_s

    def collect(self) -> Iterable[Metric]:
        """Return the counter and the histogram."""
        outcomes = CounterMetricFamily(
            "quizrun_socket_requests_total",
            "Client events by name and outcome (ok or an error code).",
            labels=["event", "outcome"],
        )
        for names, number in sorted(self._outcomes.items()):
            outcomes.add_metric(names, number)
        yield outcomes
        seconds = HistogramMetricFamily(
            "quizrun_socket_ack_seconds",
            "From the arrival of a client event to its acknowledgement.",
            labels=["event"],
        )
        limits = [*map(floatToGoString, ACK_BUCKETS), "+Inf"]
        for event, (counts, (total_s,)) in sorted(self._ack_seconds.items()):
            seconds.add_metric([event], list(zip(limits, accumulate(counts), strict=True)), total_s)
        yield seconds
