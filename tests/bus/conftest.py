from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage
from bus.producer import Producer
from deploy.local.stack import Servers, embedded_servers


@pytest.fixture(scope="package")
async def broker() -> AsyncIterator[Servers]:
    async with embedded_servers(only={"kafka"}) as servers:
        yield servers


@pytest.fixture
async def producer(broker: Servers) -> AsyncIterator[Producer]:
    producer = Producer(broker.kafka_bootstrap, idempotence=False, client_id="test")
    await producer.start()
    yield producer
    await producer.stop()


class Received:
    """What a consumer has delivered."""

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
            bootstrap, received.messages.append, received.reset, client_id="test"
        )
        received.consumer = consumer
        consumers.append(consumer)
        await consumer.start()
        return received

    yield start
    for consumer in consumers:
        await consumer.stop()
