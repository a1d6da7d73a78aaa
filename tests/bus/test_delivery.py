from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.partitioner import DefaultPartitioner

from bus.consumer import CHECK_EVERY_S, FETCH_MAX_WAIT_MS, RunEventConsumer
from bus.envelope import decode
from bus.messages import AnswerScored, JoinedPlayer, PlayersJoinedEvent, RunEvent
from bus.producer import Producer
from bus.topics import PARTITIONS, RUN_EVENTS, SCORES, TOPICS, TopicLayout, ensure_topics
from deploy.local.stack import embedded_servers
from quiz.errors import ErrorCode, QuizrunError
from tests.bus.conftest import Broker, Listen, Received
from tests.bus.samples import new_run_id, run_event
from tests.waiting import until


def of_run(received: Received, run_id: str) -> list[int]:
    return [m.version for m in received.messages if isinstance(m, RunEvent) and m.run_id == run_id]


async def test_topics_are_created_once_under_concurrency(broker: Broker) -> None:
    made = await asyncio.gather(
        *(ensure_topics(broker.kafka_bootstrap, broker.layout) for _ in range(4))
    )
    assert made == [dict.fromkeys(TOPICS, frozenset(range(PARTITIONS)))] * 4


async def test_events_of_a_run_arrive_in_order_and_once(
    broker: Broker, producer: Producer, listen: Listen
) -> None:
    received = await listen(broker.kafka_bootstrap)
    runs = [new_run_id() for _ in range(10)]

    async def publish(run_id: str) -> None:
        for version in range(1, 21):
            for _ in range(2):  # every event is sent twice
                await producer.run_event(run_event(run_id, version))

    await asyncio.gather(*map(publish, runs))
    await until(lambda: all(len(of_run(received, run)) >= 20 for run in runs))
    # time: whatever came twice would have come by then
    await asyncio.sleep(0.1)
    for run in runs:
        assert of_run(received, run) == list(range(1, 21))
    assert received.resets == 0


async def test_only_messages_published_after_the_start_are_delivered_and_all_of_them(
    broker: Broker, producer: Producer, listen: Listen
) -> None:
    for _ in range(5):
        before, after = new_run_id(), new_run_id()
        await producer.run_event(run_event(before, 1))
        received = await listen(broker.kafka_bootstrap)
        await producer.run_event(run_event(after, 1))
        await until(lambda: of_run(received, after) == [1])  # noqa: B023
        assert of_run(received, before) == []


async def test_joins_are_delivered(broker: Broker, producer: Producer, listen: Listen) -> None:
    received = await listen(broker.kafka_bootstrap)
    joined = PlayersJoinedEvent(
        run_id=new_run_id(), players=[JoinedPlayer(player_id="p", nickname="Ånn")], total=7
    )
    await producer.players_joined(joined)
    await until(lambda: joined in received.messages)


async def test_malformed_messages_are_skipped_and_counted(
    broker: Broker, producer: Producer, listen: Listen
) -> None:
    received = await listen(broker.kafka_bootstrap)
    run_id = new_run_id()
    stranger = AIOKafkaProducer(bootstrap_servers=broker.kafka_bootstrap)
    await stranger.start()
    for value in (b"nonsense", b"{}", None):
        await stranger.send_and_wait(RUN_EVENTS, value, key=run_id.encode())
    await stranger.stop()
    await producer.run_event(run_event(run_id, 1))
    await until(lambda: of_run(received, run_id) == [1])
    assert received.consumer is not None
    assert received.consumer.outcomes["malformed"] == 3


async def test_scores_are_published_by_the_thousand(broker: Broker, producer: Producer) -> None:
    run_id = new_run_id()
    scores = [
        AnswerScored(
            run_id=run_id, question=0, player_id=str(n), points=n, bonus=0, correct=n % 2 == 0
        )
        for n in range(2_500)
    ]
    wanted = {score.event_id for score in scores}
    partitions = list(range(PARTITIONS))
    partition = DefaultPartitioner()(run_id.encode(), partitions, partitions)
    started = time.perf_counter()
    await producer.scores(scores)
    assert time.perf_counter() - started < 5
    reader = AIOKafkaConsumer(
        SCORES, bootstrap_servers=broker.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await reader.start()
    read: set[str] = set()  # delivery is at least once: repeats have the same id
    while len(read) < len(scores):
        batches = await reader.getmany(timeout_ms=2_000)
        assert batches
        records = [record for some in batches.values() for record in some]
        found = {decode(record.value).id: record.partition for record in records}
        read |= found.keys() & wanted
        assert {found[id_] for id_ in found.keys() & wanted} <= {partition}
    await reader.stop()
    assert read == wanted


async def test_an_event_is_delivered_within_tens_of_milliseconds(
    broker: Broker, producer: Producer, listen: Listen
) -> None:
    received = await listen(broker.kafka_bootstrap)
    delays = []
    for version in range(1, 41):
        run_id = new_run_id()
        started = time.perf_counter()
        await producer.run_event(run_event(run_id, version))
        await until(lambda: bool(of_run(received, run_id)))  # noqa: B023
        delays.append((time.perf_counter() - started) * 1000)
    delays.sort()
    assert delays[20] < 60, f"p50 {delays[20]:.1f} ms, max {delays[-1]:.1f} ms"


async def test_a_batch_with_nothing_after_it_is_no_lost_log(
    broker: Broker, producer: Producer, listen: Listen
) -> None:
    received, run_id = await listen(broker.kafka_bootstrap), new_run_id()
    assert received.consumer is not None
    await asyncio.gather(*(producer.run_event(run_event(run_id, n)) for n in range(1, 101)))
    await until(lambda: len(of_run(received, run_id)) == 100)
    await asyncio.sleep(3 * CHECK_EVERY_S)  # time: it checks the log some times
    assert received.resets == 0
    assert received.consumer.lag == 0


class Fetches:
    """Counts the fetches of all consumers, and notes how long they may wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits_ms: list[int] = []
        make = fetcher.FetchRequest

        def counted(wait_ms: int, *rest: Any, **options: Any) -> Any:
            self.waits_ms.append(wait_ms)
            return make(wait_ms, *rest, **options)

        monkeypatch.setattr(fetcher, "FetchRequest", counted)


def consumer_of(broker: Broker, received: Received, **options: Any) -> RunEventConsumer:
    return RunEventConsumer(
        broker.kafka_bootstrap,
        received.messages.append,
        received.reset,
        client_id="test",
        layout=broker.layout,
        **options,
    )


async def test_while_nobody_needs_events_none_are_fetched_and_later_ones_arrive(
    broker: Broker, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetches, received, needed = Fetches(monkeypatch), Received(), False
    consumer = consumer_of(broker, received, needed=lambda: needed)
    await consumer.start()
    try:
        for _ in range(3):
            before, after = new_run_id(), new_run_id()
            # time: by then it has noticed that nobody needs events
            await asyncio.sleep(CHECK_EVERY_S)
            count = len(fetches.waits_ms)
            await producer.run_event(run_event(before, 1))
            # time: at least one check of the log moves the position to its end
            await asyncio.sleep(2 * CHECK_EVERY_S)
            assert len(fetches.waits_ms) == count
            assert consumer.lag == 0
            needed = True
            consumer.wake()
            await producer.run_event(run_event(after, 1))
            await until(lambda: of_run(received, after) == [1])  # noqa: B023
            assert of_run(received, before) == []
            needed = False
        assert received.resets == 0
        assert consumer.healthy
    finally:
        await consumer.stop()


async def test_a_log_that_is_lost_while_nobody_needs_events_is_noticed() -> None:
    async with embedded_servers(only={"kafka"}) as servers:
        received = Received()
        consumer = RunEventConsumer(
            servers.kafka_bootstrap,
            received.messages.append,
            received.reset,
            client_id="test",
            layout=TopicLayout(replication_factor=1),
            needed=lambda: False,
        )
        producer = Producer(
            servers.kafka_bootstrap,
            idempotence=False,
            client_id="test",
            layout=TopicLayout(replication_factor=1),
        )
        await producer.start()
        await producer.run_event(run_event(new_run_id(), 1))
        await producer.stop()
        await consumer.start()
        # time: a check has seen the log
        await asyncio.sleep(2 * CHECK_EVERY_S)
        await servers.restart("kafka")
        await until(lambda: received.resets > 0)
        await consumer.stop()


async def test_a_patient_consumer_fetches_less_often(
    broker: Broker, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetches, received, patience_ms = Fetches(monkeypatch), Received(), 100
    consumer = consumer_of(broker, received, patience_ms=lambda: patience_ms)
    await consumer.start()
    try:
        await until(lambda: 100 in fetches.waits_ms)
        patience_ms, run_id = 0, new_run_id()
        await producer.run_event(run_event(run_id, 1))
        await until(lambda: of_run(received, run_id) == [1])
        await until(lambda: fetches.waits_ms[-1] == FETCH_MAX_WAIT_MS)
    finally:
        await consumer.stop()


async def test_a_producer_without_a_broker_raises_unavailable() -> None:
    producer = Producer("127.0.0.1:9", idempotence=False, client_id="test")
    with pytest.raises(QuizrunError) as refused:
        await producer.start()
    assert refused.value.code is ErrorCode.UNAVAILABLE
    with pytest.raises(QuizrunError):
        await producer.run_event(run_event(new_run_id(), 1))
