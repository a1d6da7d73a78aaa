"""The last event of a run, found on Apache Kafka."""

from __future__ import annotations

import pytest

from bus.producer import Producer
from bus.tail import last_event
from deploy.engines.kafka import KafkaCluster
from tests.bus.samples import run_event

pytestmark = pytest.mark.kafka


async def test_the_newest_version_of_a_run_is_found_among_others(
    apache_kafka: KafkaCluster,
) -> None:
    producer = Producer(apache_kafka.bootstrap, idempotence=True, client_id="tail")
    await producer.start()
    try:
        for version in (3, 4, 2):  # a repeat may arrive late
            await producer.run_event(run_event("mine", version))
            await producer.run_event(run_event("other", version + 10))
    finally:
        await producer.stop()
    found = await last_event(apache_kafka.bootstrap, "mine")
    assert found is not None
    assert found.version == 4
    assert await last_event(apache_kafka.bootstrap, "nobody") is None
