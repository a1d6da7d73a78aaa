"""Whole runs on Apache Kafka, with the idempotent producer and acks of all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from bus.envelope import CloudEvent, decode
from bus.topics import ANSWERS, RUN_EVENTS, SCORES
from deploy.engines.kafka import KafkaCluster
from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import until_ms
from tests.system.hosting import Host, Run
from tests.system.quizzes import multiple, quiz, single
from tests.system.system import System, running_system

pytestmark = pytest.mark.kafka

PLAYERS = 20
FROZEN_S = 8


@pytest.fixture(scope="module")
async def system(apache_kafka: KafkaCluster) -> AsyncIterator[System]:
    async with running_system(gateways=2, workers=1, kafka=apache_kafka) as running:
        yield running


@pytest.fixture
async def host(system: System) -> AsyncIterator[Host]:
    async with httpx.AsyncClient(base_url=f"{system.urls[0]}/api/v1", timeout=20) as http:
        yield await Host.register(http)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as running:
        yield running


async def start(
    system: System, host: Host, session: aiohttp.ClientSession
) -> tuple[Run, list[Bot]]:
    run = await host.open_run(quiz(single(), multiple()))
    bots = [
        Bot(
            session,
            system.urls[:: 1 if index % 2 else -1],
            f"bot {index}",
            {
                0: Plan(0.1 + 2 * index / PLAYERS, index % 3),
                1: Plan(0.1 + 0.5 * index / PLAYERS, [0, 1, 3][: 1 + index % 3]),
            },
        )
        for index in range(PLAYERS)
    ]
    await enter_all(bots, run)
    await run.command("start")
    return run, bots


async def published(bootstrap: str, topic: str, run_id: str) -> list[CloudEvent]:
    """All messages of a run in the log, in order."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        numbers = consumer.partitions_for_topic(topic)
        ends = await consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
        found = []
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                batch = await consumer.getmany(partition, timeout_ms=1_000)
                found += [one for records in batch.values() for one in records]
    finally:
        await consumer.stop()
    # Other tests write to these topics, too, including undecodable messages.
    return [decode(one.value) for one in found if one.key == run_id.encode()]


async def test_a_run_is_exact_and_its_log_is_complete(
    apache_kafka: KafkaCluster, system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    run, bots = await start(system, host, session)
    await play_all(bots, 60)
    await check_standings(system.servers.database_url, run, bots)

    events = await published(apache_kafka.bootstrap, RUN_EVENTS, run.id)
    versions = [event.data["version"] for event in events if "version" in event.data]
    assert list(dict.fromkeys(versions)) == list(range(1, max(versions) + 1))
    assert [event.type for event in events][-1] == "quizrun.run.finished.v1"
    answers = await published(apache_kafka.bootstrap, ANSWERS, run.id)
    scores = await published(apache_kafka.bootstrap, SCORES, run.id)
    acknowledged = {(bot.player_id, question) for bot in bots for question in bot.acknowledged}
    for events in (answers, scores):
        first = {event.id: event.data for event in events}.values()
        assert len(first) == len(acknowledged)
        assert {(data["player_id"], data["question"]) for data in first} == acknowledged


async def test_a_run_continues_after_the_broker_hung(
    apache_kafka: KafkaCluster, system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    run, bots = await start(system, host, session)
    (broker,) = apache_kafka.brokers

    async def freeze() -> None:
        (question,) = await bots[0].client.hears("question")
        await until_ms(question["opens_at"] + 500)
        broker.freeze()
        try:
            # time: how long the broker hangs
            await asyncio.sleep(FROZEN_S)
        finally:
            broker.thaw()

    await asyncio.gather(freeze(), play_all(bots, 60))
    await check_standings(system.servers.database_url, run, bots)
    assert all(child.running for child in system.processes)
