"""Metrics of the Kafka producer and consumer."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from bus.consumer import RunEventConsumer
from bus.producer import Producer
from bus.topics import ANSWERS, RUN_EVENTS, SCORES
from telemetry.metrics import LATENCY_BUCKETS, Readings

TOPICS = (RUN_EVENTS, ANSWERS, SCORES)


class ProducerMetrics:
    """Metrics of sends, by topic and outcome."""

    def __init__(self, producer: Producer, registry: CollectorRegistry) -> None:
        seconds = Histogram(
            "quizrun_kafka_send_seconds",
            "Duration of sends until all replicas have acknowledged them.",
            ["topic", "outcome"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        sent = Counter(
            "quizrun_kafka_messages_sent_total", "Messages sent.", ["topic"], registry=registry
        )
        self._seconds = {
            (topic, ok): seconds.labels(topic, "ok" if ok else "failed")
            for topic in TOPICS
            for ok in (True, False)
        }
        self._sent = {topic: sent.labels(topic) for topic in TOPICS}
        Readings(registry).counter(
            "quizrun_kafka_producer_renewals_total",
            "Producer clients replaced after a failure.",
            lambda: producer.renewals,
        )
        producer.observe_send = self._observe

    def _observe(self, topic: str, messages: int, seconds: float, ok: bool) -> None:
        self._seconds[topic, ok].observe(seconds)
        if ok:
            self._sent[topic].inc(messages)


class ConsumerMetrics:
    """Metrics of the consumer of run events."""

    def __init__(self, consumer: RunEventConsumer, registry: CollectorRegistry) -> None:
        delay = Histogram(
            "quizrun_kafka_event_delay_seconds",
            "Time from the creation of a message to its arrival.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        consumer.observe_delay = delay.observe
        readings = Readings(registry)
        readings.gauge(
            "quizrun_kafka_consumer_reading",
            "Whether run events are being read (1) or not (0).",
            lambda: consumer.healthy,
        )
        readings.gauge(
            "quizrun_kafka_consumer_lag_messages",
            "Unread messages in the log.",
            lambda: consumer.lag,
        )
        readings.counters(
            "quizrun_kafka_messages_read_total",
            "Messages read, by outcome.",
            ("outcome",),
            lambda: {(outcome,): count for outcome, count in consumer.outcomes.items()},
        )
        readings.counter(
            "quizrun_kafka_consumer_resets_total",
            "How often reading was restarted.",
            lambda: consumer.resets,
        )
