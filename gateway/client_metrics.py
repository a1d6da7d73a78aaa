"""Metrics of a gateway's clients: PostgreSQL, Redis, Kafka, rate limits."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from bus.consumer import RunEventConsumer
from bus.metrics import ConsumerMetrics, ProducerMetrics
from bus.producer import Producer
from db.metrics import DatabaseMetrics, RedisMetrics
from gateway.http.services import Services
from telemetry.metrics import Readings

LIMITS = ("address", "email", "media", "pin", "move", "code", "mail", "archive")


def register_client_metrics(
    registry: CollectorRegistry,
    engine: AsyncEngine,
    services: Services,
    producer: Producer,
    consumer: RunEventConsumer,
) -> None:
    """Register metrics of PostgreSQL, Redis, Kafka and the API's rate limits."""
    DatabaseMetrics(engine, registry)
    RedisMetrics(
        {
            "leaderboard": services.play.leaderboard,
            "presence": services.play.presence,
            "rate_limit": services.operations.rate_limiter,
            "run_state": services.play.run_states,
        },
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
