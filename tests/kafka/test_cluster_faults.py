"""Three brokers are killed and frozen: publishing and consuming recover automatically."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidReplicationFactorError

from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage, RunEvent
from bus.producer import Producer
from bus.topics import TOPICS, TopicLayout, ensure_topics
from deploy.engines.kafka import KafkaCluster
from quiz.errors import QuizrunError
from tests.bus.samples import new_run_id, run_event
from tests.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


IN_SYNC = 2
"""The replicas that must have a message before it counts as written."""
FROZEN_S = 7
"""Longer than a send can take."""


class Traffic:
    """Publishes versions of several runs, each until accepted, and records arrivals."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._producer = Producer(cluster.bootstrap, idempotence=True, client_id="sender")
        self._consumer = RunEventConsumer(
            cluster.bootstrap, self._received, self._reset, client_id="reader"
        )
        self.taken = dict.fromkeys((new_run_id() for _ in range(12)), 0)
        self.seen = dict.fromkeys(self.taken, 0)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._producer.start()
        await self._consumer.start()
        self._tasks = [asyncio.create_task(self._publish(run_id)) for run_id in self.taken]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._consumer.stop()
        await self._producer.stop()

    async def check(self) -> None:
        await self._producer.check()

    async def goes_on(self, timeout_s: float = 30) -> None:
        """Wait until a version that each run publishes from now on was consumed."""
        goals = {run_id: version + 3 for run_id, version in self.taken.items()}
        await until(lambda: all(self.seen[run] >= goals[run] for run in goals), timeout_s)

    async def _publish(self, run_id: str) -> None:
        while True:
            event = run_event(run_id, self.taken[run_id] + 1)
            try:
                await self._producer.run_event(event)
            except QuizrunError:
                await asyncio.sleep(0.1)  # like an activity before its next attempt
            else:
                self.taken[run_id] += 1
                await asyncio.sleep(0.05)

    def _received(self, message: LiveMessage) -> None:
        assert isinstance(message, RunEvent)
        assert message.version > self.seen[message.run_id]
        self.seen[message.run_id] = message.version

    def _reset(self) -> None:
        """A gateway would reload its rooms here; the next version has the same effect."""


@pytest.fixture
async def traffic(cluster: KafkaCluster) -> AsyncIterator[Traffic]:
    await ensure_topics(cluster.bootstrap, TopicLayout(partitions=6))
    running = Traffic(cluster)
    await running.start()
    yield running
    await running.stop()


async def test_topics_are_not_created_with_too_few_replicas(cluster: KafkaCluster) -> None:
    with pytest.raises(InvalidReplicationFactorError):
        await ensure_topics(cluster.bootstrap, TopicLayout(replication_factor=4))
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    assert not set(TOPICS) & set(await admin.list_topics())
    # By default they get the cluster's configured number.
    await ensure_topics(cluster.bootstrap, TopicLayout(partitions=6))
    topics: list[dict[str, Any]] = []
    while len(topics) < len(TOPICS):  # brokers learn of topics later than the controller
        topics = [topic for topic in await admin.describe_topics() if topic["partitions"]]
    await admin.close()
    replicas = {tuple(len(part["replicas"]) for part in topic["partitions"]) for topic in topics}
    assert replicas == {(3,) * 6}


async def test_all_brokers_killed_and_back_one_by_one(
    cluster: KafkaCluster, traffic: Traffic
) -> None:
    await traffic.goes_on()
    await asyncio.gather(*(broker.kill() for broker in cluster.brokers))
    # Long enough for batches to expire unsent while the first broker knows no leader.
    for back, (broker, pause_s) in enumerate(zip(cluster.brokers, (1, 7, 1), strict=True)):
        if back < IN_SYNC:  # with so many, it may work again already
            with pytest.raises(QuizrunError):
                await traffic.check()
        # time: how long brokers are gone
        await asyncio.sleep(pause_s)
        await broker.start()
    await traffic.goes_on()
    await traffic.check()


async def test_all_brokers_frozen(cluster: KafkaCluster, traffic: Traffic) -> None:
    await traffic.goes_on()
    for broker in cluster.brokers:
        broker.freeze()
    # time: how long brokers hang
    await asyncio.sleep(FROZEN_S)
    for broker in cluster.brokers:
        broker.thaw()
    await traffic.goes_on()
    await traffic.check()
