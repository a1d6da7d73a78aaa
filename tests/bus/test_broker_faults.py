from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bus.consumer import CHECK_EVERY_S
from bus.messages import RunEvent
from bus.producer import Producer
from bus.topics import TopicLayout
from deploy.local.stack import Servers, embedded_servers
from quiz.errors import ErrorCode, QuizrunError
from tests.bus.conftest import Listen, Received
from tests.bus.samples import new_run_id, run_event
from tests.waiting import until


@pytest.fixture
async def mortal() -> AsyncIterator[Servers]:
    """A separate broker to kill, which loses its log."""
    async with embedded_servers(only={"kafka"}) as servers:
        yield servers


@pytest.fixture
async def sender(mortal: Servers) -> AsyncIterator[Producer]:
    producer = Producer(
        mortal.kafka_bootstrap,
        idempotence=False,
        client_id="test",
        layout=TopicLayout(replication_factor=1),
    )
    await producer.start()
    yield producer
    await producer.stop()


async def publish_until_taken(producer: Producer, event: RunEvent, patience_s: float = 20) -> int:
    """Retry like an activity; return the number of attempts."""
    deadline = time.monotonic() + patience_s
    for attempt in range(1, 100):
        try:
            await producer.run_event(event)
        except QuizrunError as error:
            if error.code is not ErrorCode.UNAVAILABLE or time.monotonic() > deadline:
                raise
            # time: as an activity waits before it tries again
            await asyncio.sleep(0.1)
        else:
            return attempt
    pytest.fail("never taken")


def versions(received: Received, run_id: str) -> list[int]:
    return [m.version for m in received.messages if isinstance(m, RunEvent) and m.run_id == run_id]


async def test_after_a_broker_lost_its_log_events_flow_again_and_a_reset_is_reported(
    mortal: Servers, sender: Producer, listen: Listen
) -> None:
    received = await listen(mortal.kafka_bootstrap)
    run_id = new_run_id()
    for version in range(1, 6):
        await sender.run_event(run_event(run_id, version))
    await until(lambda: len(versions(received, run_id)) == 5)
    # Right after messages that arrived together, a short log may also be Tansu's way of counting
    # (`bus.consumer._min_end`). From the next check on the consumer knows better.
    await asyncio.sleep(2 * CHECK_EVERY_S)  # time: a consumer does not report its checks

    await mortal.kill("kafka")
    await mortal.restart("kafka")
    await publish_until_taken(sender, run_event(run_id, 6))
    await until(lambda: received.resets >= 1, timeout_s=15)

    # Messages before the reset may be missed, which is what the reset reports; none after it.
    await sender.run_event(run_event(run_id, 7))
    await until(lambda: 7 in versions(received, run_id), timeout_s=15)
    assert versions(received, run_id) == sorted(set(versions(received, run_id)))


async def test_a_send_to_a_broker_that_lost_its_topics_succeeds(
    mortal: Servers, sender: Producer
) -> None:
    run_id = new_run_id()
    await sender.run_event(run_event(run_id, 1))
    await mortal.kill("kafka")
    await mortal.restart("kafka")
    assert await publish_until_taken(sender, run_event(run_id, 2)) <= 2


async def test_while_the_broker_is_down_sends_fail_in_bounded_time_and_reading_waits(
    mortal: Servers, sender: Producer, listen: Listen
) -> None:
    received = await listen(mortal.kafka_bootstrap)
    assert received.consumer is not None
    await mortal.kill("kafka")
    started = time.monotonic()
    with pytest.raises(QuizrunError) as refused:
        await sender.run_event(run_event(new_run_id(), 1))
    assert refused.value.retryable
    assert time.monotonic() - started < 8
    await until(lambda: not received.consumer.healthy)  # type: ignore[union-attr]

    await mortal.restart("kafka")
    await until(lambda: received.consumer.healthy, timeout_s=15)  # type: ignore[union-attr]
    run_id = new_run_id()
    await publish_until_taken(sender, run_event(run_id, 1))
    await until(lambda: versions(received, run_id) == [1])
    assert received.resets >= 1
