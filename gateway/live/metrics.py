"""What a gateway counts about its sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

ACK_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

TRANSPORT_COUNTERS = (
    (
        "quizrun_transport_sessions_opened_total",
        "Connections that clients have opened.",
        "opened",
    ),
    (
        "quizrun_transport_bad_packets_total",
        "Packets that are not of the protocol; their connections were closed.",
        "bad_packets",
    ),
    (
        "quizrun_transport_coalesced_total",
        "Messages to lagging clients that newer ones of their kind have replaced.",
        "coalesced",
    ),
)


class LiveMetrics:
    """Created once a process, in the registry that ``/metrics`` shows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.sockets = Gauge(
            "quizrun_sockets", "Connected sockets.", ["namespace"], registry=registry
        )
        self.rooms = Gauge("quizrun_rooms", "Runs with a room on this gateway.", registry=registry)
        self.requests = Counter(
            "quizrun_socket_requests_total",
            "Client events by name and outcome (ok or an error code).",
            ["event", "outcome"],
            registry=registry,
        )
        self.ack_seconds = Histogram(
            "quizrun_socket_ack_seconds",
            "From the arrival of a client event to its acknowledgement.",
            ["event"],
            buckets=ACK_BUCKETS,
            registry=registry,
        )
        self.sent = Counter(
            "quizrun_socket_messages_total",
            "Messages sent, counted once for each socket.",
            ["event"],
            registry=registry,
        )
        self.resyncs = Counter(
            "quizrun_resyncs_total",
            "Rooms whose clients were sent snapshots because events were missed.",
            ["reason"],
            registry=registry,
        )
        self.signal_failures = Counter(
            "quizrun_signal_failures_total",
            "Reports to a run's workflow that were given up.",
            ["signal"],
            registry=registry,
        )

    def watch_transport(self, counters: Mapping[str, int]) -> None:
        """Show what the transport counts, as it stands whenever the metrics are read."""
        self._registry.register(_TransportCounters(counters))


class _TransportCounters(Collector):
    """`counters` are those of `gateway.transport`: ``end:<reason>`` and some single names."""

    def __init__(self, counters: Mapping[str, int]) -> None:
        self._counters = counters

    def collect(self) -> Iterable[CounterMetricFamily]:
        """The counters by their names in Prometheus, all of them from the start."""
        counters = self._counters
        for name, meaning, key in TRANSPORT_COUNTERS:
            yield CounterMetricFamily(name, meaning, value=counters.get(key, 0))
        ended = CounterMetricFamily(
            "quizrun_transport_sessions_ended_total",
            "Connections that have ended, by reason; slow_consumer: cut off, not having read.",
            labels=["reason"],
        )
        # That of the slow ones is watched by alerts, which need it to be there before the first.
        ends = {"end:slow_consumer": 0} | dict(counters)
        for key, number in sorted(ends.items()):
            kind, _, reason = key.partition(":")
            if kind == "end":
                ended.add_metric([reason.replace(" ", "_")], number)
        yield ended
