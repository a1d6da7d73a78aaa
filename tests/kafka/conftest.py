from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.engines.kafka import KafkaCluster, kafka_cluster


@pytest.fixture(scope="package")
async def cluster(_java: None) -> AsyncIterator[KafkaCluster]:
    """A controller and three brokers, which detect a lost broker within seconds."""
    quick = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}
    async with kafka_cluster(brokers=3, settings=quick) as running:
        yield running
