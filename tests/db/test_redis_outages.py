"""Runs continue without Redis, and lost data are rebuilt."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.ids import new_id
from db.leaderboard import Leaderboard
from db.presence import Presence, PresenceReport, Seating
from db.rate_limit import RateLimiter
from db.redis import RedisClient, make_redis
from db.results import Results
from db.run_state import RunStates
from db.runs import KnownRun, NewRun, RunHead, Runs
from deploy.local.stack import Servers
from quiz.ranking import Total
from tests.db.make import joined, live_run, snapshot_of
from tests.waiting import until_async


@pytest.fixture
async def own_engine(breakable: Servers) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(breakable.database_url, name="tests")
    yield engine
    await engine.dispose()


@pytest.fixture
async def own_redis(breakable: Servers) -> AsyncIterator[RedisClient]:
    redis = make_redis(breakable.redis_url)
    yield redis
    await redis.aclose()


async def call_all_stores(redis: RedisClient, engine: AsyncEngine, run: NewRun) -> list[object]:
    """Call each store and return the results; nothing may raise."""
    board, presence = Leaderboard(redis), Presence(redis)
    states = RunStates(redis, Runs(engine))
    await RateLimiter(redis).check(new_id(), 1, 5)
    await presence.leave(run.id, "gateway")
    await board.remove(run.id, new_id(), before=1, version=2)
    return [
        await board.publish(run.id, [Total(new_id(), "Ann", 1, 1)], version=1),
        await board.top(run.id, 10, version=1),
        await board.ranks(run.id, version=1),
        await presence.exchange("gateway", [PresenceReport(run.id, 0, 1, 1, 1)]),
        await presence.seat("gateway", [Seating(run.id, frozenset({"ann"}), None)]),
        await presence.connected(run.id, ["ann"]),
        await states.save(run.snapshot),
        await states.load(run.id),
        await states.heads([KnownRun(run.id)]),
    ]


def results_without_redis(run: NewRun) -> list[object]:
    return [False, None, None, None, [False], None, False, run.snapshot, {run.id: RunHead(0, 0)}]


async def test_projections_are_rebuilt_after_redis_lost_its_data(
    own_redis: RedisClient, own_engine: AsyncEngine
) -> None:
    run = await live_run(own_engine)
    players = await joined(own_engine, run, 3)
    totals = [Total(player.id, player.nickname, 0, player.number) for player in players]
    board, states = Leaderboard(own_redis), RunStates(own_redis, Runs(own_engine))
    await board.publish(run.id, totals, version=1)
    snapshot = snapshot_of(run, version=4)
    await Runs(own_engine).save_snapshot(snapshot)
    await states.save(snapshot)
    await own_redis.flushall()
    assert await states.load(run.id) == snapshot
    assert await board.top(run.id, 10, version=1) is None
    lines, _ = await Results(own_engine).leaderboard(run.id, 10, 0)
    await board.publish(run.id, totals, version=1)
    assert await board.top(run.id, 10, version=1) == lines


async def test_a_stopped_redis_is_skipped_at_once(
    breakable: Servers, own_redis: RedisClient, own_engine: AsyncEngine
) -> None:
    run = await live_run(own_engine)
    await own_redis.ping()
    await breakable.kill("valkey")
    try:
        began = time.monotonic()
        assert await call_all_stores(own_redis, own_engine, run) == results_without_redis(run)
        assert time.monotonic() - began < 1.5
    finally:
        await breakable.restart("valkey")
    states = RunStates(own_redis, Runs(own_engine))
    assert await states.save(run.snapshot)  # connections of old do not matter


async def test_a_store_recovers(
    breakable: Servers, own_redis: RedisClient, own_engine: AsyncEngine
) -> None:
    failures: list[Exception] = []
    board, run_id = Leaderboard(own_redis, on_failure=failures.append), new_id()
    totals = [Total(new_id(), "Ann", 1, 1)]
    await breakable.kill("valkey")
    try:
        assert not await board.publish(run_id, totals, version=1)
        assert not await board.publish(run_id, totals, version=1)
    finally:
        await breakable.restart("valkey")
    assert len(failures) == 1  # the second did not even try
    await until_async(lambda: board.publish(run_id, totals, version=1))


async def test_a_hanging_redis_costs_each_store_one_timeout(
    breakable: Servers, own_redis: RedisClient
) -> None:
    board = Leaderboard(own_redis)
    await own_redis.ping()
    pid = breakable.children["valkey"].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(50):
            assert await board.top(new_id(), 10, version=1) is None
        assert time.monotonic() - began < 3
    finally:
        os.kill(pid, signal.SIGCONT)
