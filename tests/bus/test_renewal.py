from __future__ import annotations

import asyncio
import time

import pytest
from aiokafka import AIOKafkaProducer

from bus.producer import Producer
from bus.renewal import RenewedClient
from bus.topics import TopicLayout
from deploy.local.stack import embedded_servers
from quiz.errors import QuizrunError
from tests.bus.conftest import Broker
from tests.bus.samples import new_run_id, run_event
from tests.waiting import until


async def test_a_failed_client_is_replaced_once_for_all_callers(broker: Broker) -> None:
    made: list[AIOKafkaProducer] = []

    def make() -> AIOKafkaProducer:
        made.append(
            AIOKafkaProducer(
                bootstrap_servers=broker.kafka_bootstrap, enable_idempotence=broker.idempotence
            )
        )
        return made[-1]

    connection = RenewedClient(broker.kafka_bootstrap, broker.layout, make)
    first = await connection.get()
    for _ in range(3):
        connection.discard(first, "a test")
    found = await asyncio.gather(*(connection.get() for _ in range(20)))
    assert made == [first, found[0]]
    assert found == [found[0]] * 20
    connection.discard(first, "a test")  # a late failure of the old one says nothing of the new
    assert await connection.get() is found[0]
    await connection.close()


async def test_a_producer_stops_in_bounded_time_while_the_broker_hangs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = asyncio.all_tasks()
    async with embedded_servers(only={"kafka"}) as servers:
        producer = Producer(
            servers.kafka_bootstrap,
            idempotence=False,
            client_id="test",
            layout=TopicLayout(replication_factor=1),
        )
        await producer.start()
        servers.children["kafka"].freeze()
        sending = asyncio.create_task(producer.run_event(run_event(new_run_id(), 1)))
        await asyncio.sleep(0)  # it has begun
        began = time.monotonic()
        await producer.stop()
        assert time.monotonic() - began < 10
        (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        assert isinstance(outcome, QuizrunError)
        await until(lambda: asyncio.all_tasks() <= before)
        assert not [one for one in caplog.records if one.name == "asyncio"]
        servers.children["kafka"].thaw()
