"""The real servers, started once for the whole test session."""

from __future__ import annotations

import functools
import os
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog

from bus.topics import TopicLayout, ensure_topics
from deploy.engines.jars import missing_programs
from deploy.engines.kafka import KafkaCluster, kafka_cluster
from deploy.local.stack import Servers, embedded_servers

SLOWEST_FIRST = (
    "chaos",
    "nginx",
    "system",
    "browsers",
    "operations",
    "telemetry",
    "monitoring",
    "kafka",
    "logs",
)
"""Packages whose tests take longest. Processes share the tests, module by module: one that is
started last would leave the others idle.
"""
LAST = ("packaging", "engines")
"""Packages whose tests need programs that `make test` builds in the meantime."""


# Each client of httpx reads all certificates of the world, which takes 25 ms; tests make thousands.
httpx._transports.default.create_ssl_context = functools.cache(  # type: ignore[attr-defined]
    httpx.create_ssl_context
)

# By default structlog renders tracebacks with the locals of every frame, which takes seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {package: place for place, package in enumerate(SLOWEST_FIRST)}
    order |= {package: len(order) + 1 + place for place, package in enumerate(LAST)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(SLOWEST_FIRST)))


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL, Valkey, Kafka protocol and Temporal with temporary state."""
    async with embedded_servers() as running:
        await ensure_topics(running.kafka_bootstrap, TopicLayout(replication_factor=1))
        yield running


@pytest.fixture(scope="session")
def _java() -> None:
    missing = missing_programs()
    if missing and not os.environ.get("CI"):
        pytest.skip(f"Apache Kafka needs {' and '.join(missing)}")


@pytest.fixture(scope="session")
async def apache_kafka(_java: None) -> AsyncIterator[KafkaCluster]:
    """Apache Kafka with one broker, which no test may end."""
    async with kafka_cluster() as cluster:
        yield cluster
