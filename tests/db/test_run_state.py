from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.ids import new_id
from db.run_state import RunStates
from db.runs import KnownRun, RunHead, Runs
from quiz.errors import QuizrunError
from quiz.run import Phase
from quiz.snapshot import RunSnapshot
from tests.db.make import joined, live_run, snapshot_of


@pytest.fixture
async def unreachable() -> AsyncIterator[AsyncEngine]:
    """An engine whose server does not respond."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing", name="tests")
    yield engine
    await engine.dispose()


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


async def test_snapshots_lost_by_redis_are_restored_from_postgresql(
    states: RunStates, engine: AsyncEngine, redis: Redis
) -> None:
    run = await live_run(engine)
    snapshot = snapshot_of(run, version=3)
    await Runs(engine).save_snapshot(snapshot)
    assert await states.load(run.id) == snapshot
    assert await redis.exists(f"quizrun:{{{run.id}}}:state")  # and is there again


async def test_outdated_snapshots_in_redis_are_never_used(
    states: RunStates, engine: AsyncEngine, redis: Redis
) -> None:
    run = await live_run(engine)
    await states.save(snapshot_of(run, version=3))
    newer = snapshot_of(run, version=4)
    await Runs(engine).save_snapshot(newer)
    assert await states.load(run.id) == newer
    assert await redis.hget(f"quizrun:{{{run.id}}}:state", "version") == b"4"


async def test_redis_is_used_while_postgresql_is_down(
    redis: Redis, unreachable: AsyncEngine, engine: AsyncEngine
) -> None:
    run, lost = await live_run(engine), await live_run(engine)
    snapshot = snapshot_of(run, version=3)
    states = RunStates(redis, Runs(unreachable))
    await states.save(snapshot)
    assert await states.load(run.id) == snapshot
    assert await states.heads([KnownRun(run.id), KnownRun(lost.id)]) == {run.id: RunHead(3, None)}
    with pytest.raises(QuizrunError, match="try again"):
        await states.load(lost.id)


async def test_snapshots_that_redis_missed_or_lost_are_repaired(
    states: RunStates, engine: AsyncEngine, redis: Redis
) -> None:
    runs = [await live_run(engine) for _ in range(3)]
    behind, lost, good = [snapshot_of(run, version=4) for run in runs]
    await states.save(snapshot_of(runs[0], version=3))
    await states.save(good)
    assert await states.repair([behind, lost, good]) == 2
    assert await states.repair([behind, lost, good]) == 0
    for run in runs:
        assert await redis.hget(f"quizrun:{{{run.id}}}:state", "version") == b"4"


async def test_concurrent_loads_share_one_read(redis: Redis, engine: AsyncEngine) -> None:
    class CountingRuns(Runs):
        reads = 0

        async def newer_snapshot(
            self, run_id: str, version: int, *, timeout_s: float
        ) -> tuple[int, RunSnapshot | None] | None:
            self.reads += 1
            return await super().newer_snapshot(run_id, version, timeout_s=timeout_s)

    run, runs = await live_run(engine), CountingRuns(engine)
    states = RunStates(redis, runs)
    loaded = await asyncio.gather(*(states.load(run.id) for _ in range(500)))
    assert set(map(id, loaded)) == {id(loaded[0])}
    assert runs.reads == 1


async def test_a_cancelled_caller_does_not_cancel_the_load_for_others(
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


async def test_heads_come_from_postgresql(states: RunStates, engine: AsyncEngine) -> None:
    one, two = await live_run(engine), await live_run(engine)
    await joined(engine, two, 3)
    await states.save(snapshot_of(one, version=5))
    assert await states.heads([KnownRun(id_) for id_ in (one.id, two.id, new_id())]) == {
        one.id: RunHead(0, 0),
        two.id: RunHead(0, 3),
    }
    assert await states.heads([]) == {}
