from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage
from bus.producer import Producer
from bus.topics import TopicLayout
from deploy.engines.kafka import KafkaCluster
from deploy.local.stack import Servers, embedded_servers


@dataclass(frozen=True)
class Broker:
    """A running broker, and the settings of its clients."""

    kafka_bootstrap: str
    idempotence: bool
    layout: TopicLayout


@pytest.fixture(scope="package")
async def embedded_kafka() -> AsyncIterator[Servers]:
    async with embedded_servers(only={"kafka"}) as servers:
        yield servers


@pytest.fixture(
    scope="package", params=["embedded", pytest.param("apache", marks=pytest.mark.kafka)]
)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Run every test of the bus against the embedded broker and Apache Kafka."""
    if request.param == "embedded":
        servers: Servers = request.getfixturevalue("embedded_kafka")
        return Broker(servers.kafka_bootstrap, False, TopicLayout(replication_factor=1))
    cluster: KafkaCluster = request.getfixturevalue("apache_kafka")
    return Broker(cluster.bootstrap, True, TopicLayout())


@pytest.fixture
async def producer(broker: Broker) -> AsyncIterator[Producer]:
    producer = Producer(
        broker.kafka_bootstrap,
        idempotence=broker.idempotence,
        client_id="test",
        layout=broker.layout,
    )
    await producer.start()
    yield producer
    await producer.stop()


class Received:
    """The messages that a consumer has delivered."""

    def __init__(self) -> None:
        self.messages: list[LiveMessage] = []
        self.resets = 0
        self.consumer: RunEventConsumer | None = None

    def reset(self) -> None:
        self.resets += 1


Listen = Callable[[str], Awaitable[Received]]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    consumers: list[RunEventConsumer] = []

    async def start(bootstrap: str) -> Received:
        received = Received()
        consumer = RunEventConsumer(
            bootstrap,
            received.messages.append,
            received.reset,
            client_id="test",
            layout=TopicLayout(replication_factor=1),
        )
        received.consumer = consumer
        consumers.append(consumer)
        await consumer.start()
        return received

    yield start
    for consumer in consumers:
        await consumer.stop()
