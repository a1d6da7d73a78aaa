"""A run without a workflow ends in every store and for all subscribers."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage, RunEvent
from bus.producer import Producer
from db.engine import make_engine
from db.migrate import migrate
from db.redis import make_redis
from db.run_state import RunStates
from db.runs import Runs
from deploy.local.stack import Servers
from gateway.orphaned_runs import OrphanedRuns
from quiz.run import Phase
from tests.db.make import live_run


@pytest.fixture
async def engine(servers: Servers) -> AsyncEngine:
    await asyncio.to_thread(migrate, servers.database_url)
    return make_engine(servers.database_url, name="orphaned-runs")


async def test_an_orphaned_run_is_cancelled_once_in_every_store_and_on_the_bus(
    servers: Servers, engine: AsyncEngine
) -> None:
    redis = make_redis(servers.redis_url)
    runs = Runs(engine)
    states = RunStates(redis, runs)
    producer = Producer(servers.kafka_bootstrap, idempotence=False, client_id="orphaned-runs")
    heard: list[RunEvent] = []
    published = asyncio.Event()

    def hear(message: LiveMessage) -> None:
        if isinstance(message, RunEvent):
            heard.append(message)
            published.set()

    consumer = RunEventConsumer(servers.kafka_bootstrap, hear, lambda: None, "orphaned-runs")
    await consumer.start()
    try:
        run = await live_run(engine)
        orphaned_runs = OrphanedRuns(runs, states, producer)
        await orphaned_runs.cancel(run.id)
        await asyncio.wait_for(published.wait(), 5)
        await orphaned_runs.cancel(run.id)
        stored = await runs.get(run.id)
        assert (stored.phase, stored.version) == (Phase.CANCELLED, run.snapshot.state.version + 1)
        assert stored.finished_at is not None
        assert await states.load(run.id) == stored.snapshot
        ours = [event for event in heard if event.run_id == run.id]
        assert [(event.type, event.version) for event in ours] == [
            ("run.cancelled", stored.version)
        ]
        assert ours[0].snapshot == stored.snapshot
    finally:
        await consumer.stop()
        await producer.stop()
        await redis.aclose()
        await engine.dispose()
