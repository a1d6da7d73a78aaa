"""PostgreSQL is killed, stopped and restarted while work is in progress."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import AnswerRow, Answers, Recorded
from db.batching import BatchWriter
from db.engine import make_engine, statements, transaction
from db.runs import Runs
from db.scoring import Scoring
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import answer_of, joined, live_run, stored_answers, zero_scores
from tests.waiting import until


@pytest.fixture
async def own_engine(breakable: Servers) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(breakable.database_url, name="tests")
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("without_tasks", [True, False])
async def test_acknowledged_answers_survive_a_killed_database(
    breakable: Servers, own_engine: AsyncEngine, without_tasks: bool
) -> None:
    run = await live_run(own_engine)
    players = await joined(own_engine, run, 400)
    answers = Answers(own_engine)
    writer = BatchWriter[AnswerRow, Recorded](
        answers.record_batch,
        max_batch=20,
        workers=2,
        begin=answers.begin_batch if without_tasks else None,
        name="answers",
    )
    writer.start()
    acknowledged: set[tuple[int, str]] = set()

    async def play(question: int) -> None:
        for start in range(0, 400, 20):
            rows = [answer_of(run, player, question) for player in players[start : start + 20]]
            futures = [writer.submit(row) for row in rows]
            done = await asyncio.gather(*futures, return_exceptions=True)
            acknowledged.update(
                (row.question, row.player_id)
                for row, outcome in zip(rows, done, strict=True)
                if isinstance(outcome, Recorded)
            )
            # time: players take theirs, so that the crash comes in between
            await asyncio.sleep(0.01)

    async def crash() -> None:
        await until(lambda: len(acknowledged) >= 100)
        await breakable.kill("postgres")
        # time: the outage lasts longer than the first tries again
        await asyncio.sleep(0.2)
        await breakable.restart("postgres")

    await asyncio.gather(*(play(question) for question in range(3)), crash())
    await writer.stop()
    # The writer retried for longer than the outage: everyone got an ack.
    assert len(acknowledged) == 1_200
    assert await stored_answers(own_engine, run) == acknowledged
    tally = await Scoring(own_engine).score_run(run.id, 2, zero_scores, shards=2)
    assert tally.scored == 1_200


async def test_after_a_restart_no_request_gets_a_dead_connection(
    breakable: Servers, own_engine: AsyncEngine
) -> None:
    async def ask() -> int | None:
        async with statements(own_engine) as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))
            one: int | None = await connection.scalar(text("SELECT 1"))
            return one

    await asyncio.gather(*(ask() for _ in range(10)))  # fills the pool
    await breakable.restart("postgres")
    assert await asyncio.gather(*(ask() for _ in range(10))) == [1] * 10


async def test_while_the_database_is_down_requests_fail_at_once(
    breakable: Servers, own_engine: AsyncEngine
) -> None:
    run = await live_run(own_engine)
    backends = await backend_pids(own_engine)
    await breakable.kill("postgres")
    try:
        # A backend outlives its postmaster by a moment, and may answer one more query.
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in backends))
        began = time.monotonic()
        with pytest.raises(QuizrunError) as refused:
            await Runs(own_engine).get(run.id)
        assert refused.value.code is ErrorCode.UNAVAILABLE
        assert time.monotonic() - began < 2
    finally:
        await breakable.restart("postgres")
    assert (await Runs(own_engine).get(run.id)).id == run.id


async def test_a_hanging_database_does_not_block_callers(
    breakable: Servers, own_engine: AsyncEngine
) -> None:
    async with statements(own_engine) as connection:
        await connection.execute(text("SELECT 1"))
    pid = breakable.children["postgres"].pid
    assert pid is not None
    backends = await backend_pids(own_engine)
    for backend in (pid, *backends):
        os.kill(backend, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(QuizrunError) as refused:
            async with statements(own_engine, timeout_s=0.5) as connection:
                await connection.execute(text("SELECT 1"))
        assert refused.value.code is ErrorCode.UNAVAILABLE
        assert time.monotonic() - began < 3
    finally:
        for backend in (pid, *backends):
            os.kill(backend, signal.SIGCONT)
    async with statements(own_engine) as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def backend_pids(engine: AsyncEngine) -> list[int]:
    async with statements(engine) as connection:
        rows = await connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE application_name = 'tests'")
        )
        return list(rows.scalars())


async def test_an_exhausted_pool_raises_unavailable(servers: Servers) -> None:
    engine = make_engine(servers.database_url, pool_size=1, name="tests")
    async with statements(engine):
        with pytest.raises(QuizrunError) as refused:
            async with statements(engine, timeout_s=0.2):
                pass
    assert refused.value.code is ErrorCode.UNAVAILABLE
    await engine.dispose()


async def test_a_failed_transaction_leaves_nothing(engine: AsyncEngine) -> None:
    run = await live_run(engine)

    async def fail() -> None:
        async with transaction(engine) as connection:
            await connection.execute(
                text("UPDATE runs SET title = 'x' WHERE id = :id"), {"id": run.id}
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await Runs(engine).get(run.id)).title == "Capitals"


async def test_read_only_connections_are_replaced(own_engine: AsyncEngine) -> None:
    """As after a failover, when pooled connections still point to what is now a standby."""
    await live_run(own_engine)
    pooled = [await own_engine.connect() for _ in range(3)]
    for connection in pooled:
        await connection.execute(text("SET default_transaction_read_only = on"))
        await connection.commit()
        await connection.close()
    with pytest.raises(QuizrunError) as refused:
        await live_run(own_engine)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    for _ in pooled:
        await live_run(own_engine)
