"""Metrics of PostgreSQL and Redis, including fallbacks."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import exc, text

from db.batching import BatchWriter
from db.engine import make_engine, statements
from db.leaderboard import Leaderboard
from db.metrics import DatabaseMetrics, RedisMetrics
from db.rate_limit import RateLimiter
from db.redis import make_redis
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Servers
from gateway.live.queue_metrics import QueueMetrics
from quiz.errors import ErrorCode, QuizrunError


async def test_waiting_for_a_pooled_connection_is_measured(servers: Servers) -> None:
    registry = CollectorRegistry()
    engine = make_engine(servers.database_url, pool_size=1, name="metrics")
    DatabaseMetrics({"all": engine}, registry)

    def value(name: str, **labels: str) -> float:
        return registry.get_sample_value(f"quizrun_db_{name}", labels) or 0

    async def use_connection() -> None:
        async with statements(engine) as connection:
            await connection.execute(text("SELECT 1"))

    async with statements(engine) as connection:
        await connection.execute(text("SELECT 1"))
        assert (
            value("pool_connections", pool="all", state="in_use")
            == value("pool_size", pool="all")
            == 1
        )
        waiting = asyncio.create_task(use_connection())
        await connection.execute(text("SELECT pg_sleep(0.3)"))
    await waiting
    assert value("pool_wait_seconds_count") == 2
    assert value("pool_wait_seconds_sum") > 0.2
    assert value("statement_seconds_count") >= 3
    assert value("statement_seconds_sum") > 0.3
    assert value("pool_connections", pool="all", state="idle") == 1

    with pytest.raises(exc.ProgrammingError):
        async with statements(engine) as connection:
            await connection.execute(text("SELECT nothing"))
    assert (value("errors_total", kind="other"), value("errors_total", kind="transient")) == (1, 0)
    await engine.dispose()
    await use_connection()  # by the pool that takes the place of the one that was disposed of
    assert value("pool_wait_seconds_count") == 4
    await engine.dispose()


async def test_fallbacks_without_redis_are_counted(servers: Servers) -> None:
    registry = CollectorRegistry()
    here = make_redis(servers.redis_url)
    nowhere = make_redis(f"redis://{LOOPBACK}:{free_port()}")
    limiter, board = RateLimiter(here), Leaderboard(nowhere)
    RedisMetrics([("rate_limit", limiter), ("leaderboard", board)], registry)

    def value(name: str, **labels: str) -> float:
        return registry.get_sample_value(f"quizrun_redis_{name}", labels) or 0

    await limiter.check("test:metrics", 1, 60, kind="test")
    with pytest.raises(QuizrunError):
        await limiter.check("test:metrics", 1, 60, kind="test")
    assert limiter.refused == {"test": 1}
    for _ in range(3):
        assert await board.ranks("a run", version=1) is None
    assert value("seconds_count", store="rate_limit") == 2
    assert value("fallbacks_total", store="leaderboard", reason="failed") == 1
    assert value("fallbacks_total", store="leaderboard", reason="skipped") == 2
    assert value("fallbacks_total", store="rate_limit", reason="failed") == 0
    await here.aclose()
    await nowhere.aclose()


async def test_queues_report_waiting_and_refused_items() -> None:
    registry = CollectorRegistry()
    metrics, again, gate = QueueMetrics(registry), asyncio.Event(), asyncio.Event()
    tries = 0

    async def flush(items: list[int]) -> list[int]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "PostgreSQL is away.")
        again.set()
        await gate.wait()
        return items

    writer: BatchWriter[int, int] = BatchWriter(
        flush, max_queue=2, max_batch=1, name="own answers", observe=metrics.observer("own answers")
    )
    metrics.watch([writer])

    def value(name: str, **labels: str) -> float:
        return registry.get_sample_value(name, {"queue": "own_answers", **labels}) or 0

    writer.start()
    first = writer.submit(1)
    async with asyncio.timeout(20):
        await again.wait()
    rest = [writer.submit(2), writer.submit(3)]
    with pytest.raises(QuizrunError):
        writer.submit(4)
    assert value("quizrun_queue_items") == value("quizrun_queue_limit") == 2
    assert value("quizrun_queue_refused_total") == 1
    assert value("quizrun_batch_retries_total") == 1
    gate.set()
    assert await asyncio.gather(first, *rest) == [1, 2, 3]
    assert value("quizrun_queue_items") == 0
    assert value("quizrun_batch_items_count") == value("quizrun_batch_items_sum") == 3
    assert value("quizrun_batch_seconds_count") == 3
    await writer.stop()
