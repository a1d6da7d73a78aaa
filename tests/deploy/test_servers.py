"""Each embedded server responds, and recovers its state after kill -9."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import redis.asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from deploy.errors import StackError
from deploy.local.stack import Servers, embedded_servers


async def rows(servers: Servers, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(
        servers.database_url, autocommit=True
    ) as connection:
        cursor = await connection.execute(query)
        return await cursor.fetchall() if cursor.description else []


# The sandbox would reimport this module, with all the clients above, for every workflow.
@workflow.defn(name="three-naps", sandboxed=False)
class ThreeNaps:
    @workflow.run
    async def run(self, nap_s: float) -> None:
        for _ in range(3):
            # time: a workflow's timer is what is measured
            await workflow.sleep(nap_s)


async def test_postgres_keeps_committed_rows_after_kill_9_and_in_a_new_stack(
    data_dir: Path,
) -> None:
    async with embedded_servers(data_dir, only={"postgres"}) as servers:
        await rows(servers, "CREATE TABLE kept (word text)")
        await rows(servers, "INSERT INTO kept VALUES ('émigré')")
        await servers.kill("postgres")
        with pytest.raises(psycopg.OperationalError):
            await rows(servers, "SELECT 1")
        await servers.restart("postgres")
        assert await rows(servers, "SELECT word FROM kept") == [("émigré",)]
        assert await rows(
            servers, "SELECT current_setting('fsync'), current_setting('server_encoding')"
        ) == [("on", "UTF8")]
    async with embedded_servers(data_dir, only={"postgres"}) as servers:
        assert await rows(servers, "SELECT word FROM kept") == [("émigré",)]


async def test_postgres_requires_its_password_locally(data_dir: Path) -> None:
    async with embedded_servers(data_dir, only={"postgres"}) as servers:
        password = (data_dir / "server-password").read_text().strip()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            await psycopg.AsyncConnection.connect(servers.database_url.replace(password, "guess"))


async def test_valkey_keeps_keys_after_kill_9_and_requires_its_password() -> None:
    async with embedded_servers(only={"valkey"}) as servers:
        async with redis.asyncio.Redis.from_url(servers.redis_url) as client:
            await client.zadd("board", {"Ada": 7})
        await servers.kill("valkey")
        await servers.restart("valkey")
        async with redis.asyncio.Redis.from_url(servers.redis_url) as client:
            assert await client.zscore("board", "Ada") == 7
        stranger = redis.asyncio.Redis(port=servers.ports["valkey"], retry=Retry(NoBackoff(), 0))
        with pytest.raises(redis.exceptions.AuthenticationError):
            await stranger.ping()
        await stranger.aclose()


async def test_kafka_delivers_within_milliseconds_and_restarts_after_kill_9() -> None:
    async with embedded_servers(only={"kafka"}) as servers:
        env = servers.env()
        for _ in range(2):
            producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap, acks="all")
            await producer.start()
            await producer.send_and_wait("events", b"made")  # creates the topic
            wait_ms = int(env["QUIZRUN_KAFKA_FETCH_MAX_WAIT_MS"])
            consumer = AIOKafkaConsumer(
                "events", bootstrap_servers=servers.kafka_bootstrap, fetch_max_wait_ms=wait_ms
            )
            await consumer.start()
            for partition in consumer.assignment():
                await consumer.position(partition)
            delays = []
            for _ in range(20):
                sent_at = time.perf_counter()
                await producer.send_and_wait("events", b"hello")
                assert (await asyncio.wait_for(consumer.getone(), 5)).value == b"hello"
                delays.append(time.perf_counter() - sent_at)
            assert sorted(delays)[10] < 0.05
            await consumer.stop()
            await producer.stop()
            await servers.kill("kafka")
            await servers.restart("kafka")


async def test_temporal_keeps_workflows_after_kill_9_and_in_a_new_stack(data_dir: Path) -> None:
    attributes = TypedSearchAttributes(
        [
            SearchAttributePair(SearchAttributeKey.for_keyword("QuizRunPhase"), "lobby"),
            SearchAttributePair(SearchAttributeKey.for_int("QuizPlayers"), 3),
        ]
    )
    async with embedded_servers(data_dir, only={"temporal"}) as servers:
        client = await Client.connect(servers.temporal_address)
        await client.start_workflow(
            "three-naps",
            0.1,
            id="nap",
            task_queue="q",
            search_attributes=attributes,
            execution_timeout=timedelta(hours=1),
        )
        await servers.kill("temporal")
        await servers.restart("temporal")
        history = await client.get_workflow_handle("nap").fetch_history()
        assert history.events[0].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
    async with embedded_servers(data_dir, only={"temporal"}) as servers:
        client = await Client.connect(servers.temporal_address)
        async with Worker(client, task_queue="q", workflows=[ThreeNaps]):
            await asyncio.wait_for(client.get_workflow_handle("nap").result(), 20)
        description = await client.get_workflow_handle("nap").describe()
        assert (
            description.typed_search_attributes.get(SearchAttributeKey.for_int("QuizPlayers")) == 3
        )


async def test_short_timers_of_many_workflows_fire_on_time() -> None:
    """By default, short timers are 0.5 s late; with the other default, 20 timer reads per second,
    0.15 s.
    """
    nap_s = 0.5
    async with embedded_servers(only={"temporal"}) as servers:
        client = await Client.connect(servers.temporal_address)
        async with Worker(client, task_queue="q", workflows=[ThreeNaps]):
            handles = [
                await client.start_workflow(ThreeNaps.run, nap_s, id=f"nap-{n}", task_queue="q")
                for n in range(10)
            ]
            await asyncio.gather(*(handle.result() for handle in handles))
        late_ms = []
        for handle in handles:
            started = {}
            for event in (await handle.fetch_history()).events:
                at_ms = event.event_time.ToMilliseconds()
                if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
                    started[event.event_id] = at_ms
                elif event.event_type == EventType.EVENT_TYPE_TIMER_FIRED:
                    start_id = event.timer_fired_event_attributes.started_event_id
                    late_ms.append(at_ms - started[start_id] - nap_s * 1000)
    assert len(late_ms) == 30
    assert sorted(late_ms)[15] < 60


async def test_all_servers_are_up_in_seconds_and_leave_nothing_behind() -> None:
    began_at = time.monotonic()
    async with embedded_servers() as servers:
        assert time.monotonic() - began_at < 8  # 1.2 s on an idle machine
        children = list(servers.children.values())
        assert all(child.running for child in children)
        assert servers.env().keys() >= {
            "QUIZRUN_DATABASE_URL",
            "QUIZRUN_REDIS_URL",
            "QUIZRUN_KAFKA_BOOTSTRAP",
            "QUIZRUN_TEMPORAL_ADDRESS",
        }
        logs = children[0].log_path
    assert not any(child.running for child in children)
    assert not logs.parent.parent.exists()


async def test_an_unknown_server_is_rejected() -> None:
    with pytest.raises(StackError, match="Unknown server: mysql"):
        async with embedded_servers(only={"mysql"}):
            pass
