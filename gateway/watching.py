"""Metrics of the clients that a gateway works with."""

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


def watch_gateway(
    registry: CollectorRegistry,
    engine: AsyncEngine,
    services: Services,
    producer: Producer,
    consumer: RunEventConsumer,
) -> None:
    """Show PostgreSQL, Redis, Kafka and the rate limits of the HTTP API in `registry`."""
    DatabaseMetrics(engine, registry)
    RedisMetrics(
        {
            "leaderboard": services.leaderboard,
            "presence": services.presence,
            "rate_limit": services.rate_limiter,
            "run_state": services.run_states,
        },
        registry,
    )
    ProducerMetrics(producer, registry)
    ConsumerMetrics(consumer, registry)
    Readings(registry).counters(
        "quizrun_rate_limited_total",
        "HTTP requests refused because there were too many, by the limit.",
        ("limit",),
        lambda: {(limit,): services.rate_limiter.refused[limit] for limit in LIMITS},
    )
