"""Metrics of a gateway's clients: PostgreSQL, Redis, Kafka, rate limits."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from bus.consumer import RunEventConsumer
from bus.metrics import ConsumerMetrics, ProducerMetrics
from bus.producer import Producer
from db.metrics import DatabaseMetrics, RedisMetrics
from gateway.http.recording import NOT_RECORDED
from gateway.http.services import Services
from gateway.wiring import Clients
from telemetry.metrics import Readings

LIMITS = ("address", "email", "media", "pin", "move", "code", "mail", "archive", "requests")


def register_client_metrics(
    registry: CollectorRegistry,
    clients: Clients,
    services: Services,
    producer: Producer,
    consumer: RunEventConsumer,
) -> None:
    """Register metrics of PostgreSQL, Redis, Kafka and the API's rate limits."""
    engines = {
        "http": clients.engine,
        "live": clients.live_engine,
        "answers": clients.answer_engine,
    }
    DatabaseMetrics(engines, registry)
    RedisMetrics(
        [
            ("rate_limit", services.operations.rate_limiter),
            *(
                (name, store)
                for stores in (services.play, services.live)
                for name, store in (
                    ("leaderboard", stores.leaderboard),
                    ("presence", stores.presence),
                    ("run_state", stores.run_states),
                )
            ),
        ],
        registry,
    )
    ProducerMetrics(producer, registry)
    ConsumerMetrics(consumer, registry)
    Readings(registry).counters(
        "quizrun_rate_limited_total",
        "HTTP requests rejected by a rate limit.",
        ("limit",),
        lambda: {(limit,): services.operations.rate_limiter.refused[limit] for limit in LIMITS},
    )
    left_out = services.process.recorder.left_out
    Readings(registry).counters(
        "quizrun_acts_not_recorded_total",
        "Acts missing in the audit log.",
        ("reason",),
        lambda: {(reason,): left_out[reason] for reason in NOT_RECORDED},
    )
