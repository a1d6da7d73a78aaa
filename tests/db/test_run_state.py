from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from db.ids import new_id
from db.run_state import RunStates
from db.runs import Runs
from quiz.run import Phase
from quiz.snapshot import RunSnapshot
from tests.db.make import live_run, snapshot_of


@pytest.fixture
def states(redis: Redis, engine: AsyncEngine) -> RunStates:
    return RunStates(redis, Runs(engine))


async def test_what_is_saved_is_loaded(states: RunStates, engine: AsyncEngine) -> None:
    run = await live_run(engine)
    snapshot = snapshot_of(run, version=3, phase=Phase.STARTING)
    assert await states.save(snapshot)
    assert await states.load(run.id) == snapshot
    assert await states.load(new_id()) is None
    assert await states.load("nonsense") is None


async def test_a_stale_snapshot_never_replaces_a_newer_one(
    states: RunStates, engine: AsyncEngine
) -> None:
    run = await live_run(engine)
    versions = [snapshot_of(run, version=version) for version in range(20)]
    await asyncio.gather(*(states.save(snapshot) for snapshot in reversed(versions)))
    assert not await states.save(versions[7])
    assert await states.load(run.id) == versions[19]


async def test_what_redis_has_lost_comes_back_from_postgresql(
    states: RunStates, engine: AsyncEngine, redis: Redis
) -> None:
    run = await live_run(engine)
    snapshot = snapshot_of(run, version=3)
    await Runs(engine).save_snapshot(snapshot)
    assert await states.load(run.id) == snapshot
    assert await redis.exists(f"quizrun:{{{run.id}}}:state")  # and is there again


async def test_a_reader_who_knows_better_gets_the_version_that_redis_missed(
    states: RunStates, engine: AsyncEngine
) -> None:
    run = await live_run(engine)
    await states.save(snapshot_of(run, version=3))
    await Runs(engine).save_snapshot(snapshot_of(run, version=4))
    loaded = await states.load(run.id, min_version=4)
    assert loaded is not None
    assert loaded.state.version == 4
    assert await states.load(run.id) == loaded


async def test_many_who_load_at_once_share_one_read(redis: Redis, engine: AsyncEngine) -> None:
    class CountingRuns(Runs):
        reads = 0

        async def snapshot(self, run_id: str) -> RunSnapshot | None:
            self.reads += 1
            return await super().snapshot(run_id)

    run, runs = await live_run(engine), CountingRuns(engine)
    states = RunStates(redis, runs)
    loaded = await asyncio.gather(*(states.load(run.id) for _ in range(500)))
    assert set(map(id, loaded)) == {id(loaded[0])}
    assert runs.reads == 1


async def test_one_who_gives_up_waiting_does_not_end_it_for_the_others(
    states: RunStates, engine: AsyncEngine
) -> None:
    run = await live_run(engine)
    impatient, patient = (asyncio.create_task(states.load(run.id)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == run.snapshot


async def test_a_snapshot_in_another_shape_is_read_from_postgresql(
    states: RunStates, engine: AsyncEngine, redis: Redis
) -> None:
    run = await live_run(engine)
    key = f"quizrun:{{{run.id}}}:state"
    await redis.hset(key, mapping={"version": 0, "snapshot": '{"of": "another release"}'})
    assert await states.load(run.id) == run.snapshot


async def test_versions_come_from_redis_and_else_from_postgresql(
    states: RunStates, engine: AsyncEngine
) -> None:
    one, two = await live_run(engine), await live_run(engine)
    await states.save(snapshot_of(one, version=5))
    assert await states.versions([one.id, two.id, new_id()]) == {one.id: 5, two.id: 0}
    assert await states.versions([]) == {}
