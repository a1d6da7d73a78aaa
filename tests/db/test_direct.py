"""Hot statements without SQLAlchemy: the same values, errors and outages as with it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import weakref
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.direct import Result, Statement, Transaction, begin, in_transaction, run, run_together
from db.engine import make_engine, statements
from db.metrics import DatabaseMetrics
from db.pool import Pool, connection_of
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from tests.waiting import until, until_async

ONE = Statement("SELECT 1")
PID = Statement("SELECT pg_backend_pid()")
SLEEP = Statement("SELECT pg_sleep(CAST(:seconds AS float8))")
KINDS = Statement("""
    SELECT CAST(:id AS uuid), CAST(:flag AS boolean), CAST(:number AS bigint),
           CAST(:share AS float8), :text || 'é', CAST(:nothing AS text),
           CAST(:json AS jsonb), CAST(:bytes AS bytea), CAST(:texts AS text[]),
           CAST(:numbers AS smallint[]), :text::text
""")
RUN_ID = "0197f3c6-98f5-7000-8000-000000000001"
TEXTS = ["", "NULL", 'a "quoted" one', "back\\slash", "{braces}", "comma, ", None, "été"]
VALUES = {
    "id": RUN_ID,
    "flag": True,
    "number": 2**40,
    "share": 0.25,
    "text": "caf",
    "nothing": None,
    "json": '{"a": [1, "é"]}',
    "bytes": b"\x00\xff",
    "texts": TEXTS,
    "numbers": [1, 2, -3],
}
ROW = (RUN_ID, True, 2**40, 0.25, "", None, {"a": [1, "é"]}, b"\x00\xff", TEXTS, [1, 2, -3])


@pytest.fixture
async def own(servers: Servers) -> AsyncIterator[AsyncEngine]:
    """An engine with one connection, and a table that only its session sees."""
    engine = make_engine(servers.database_url, pool_size=1, name="direct")
    async with statements(engine) as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE things (id integer PRIMARY KEY)"))
    yield engine
    await engine.dispose()


INSERT = Statement("INSERT INTO things (id) VALUES (CAST(:id AS integer))")
COUNT = Statement("SELECT count(*) FROM things")


async def count(engine: AsyncEngine) -> int:
    number: int = (await run(engine, COUNT)).rows[0][0]
    return number


async def test_values_are_like_those_of_sqlalchemy(engine: AsyncEngine) -> None:
    for _ in range(2):  # prepared by the first
        (row,) = (await run(engine, KINDS, VALUES)).rows
        assert row == (*ROW[:4], "café", *ROW[5:], "caf")


async def test_nothing_found_is_no_row(own: AsyncEngine) -> None:
    assert await run(own, Statement("SELECT id FROM things")) == ([], 0)


async def test_a_statement_is_committed_and_prepared_once(own: AsyncEngine) -> None:
    assert (await run(own, INSERT, {"id": 1})).affected == 1
    assert (await run(own, INSERT, {"id": 2})).affected == 1
    async with statements(own) as connection:
        found = await connection.scalar(text("SELECT count(*) FROM things"))
        prepared = await connection.scalar(
            text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'quizrun%'")
        )
    assert (found, prepared) == (2, 1)


async def test_statements_of_one_round_trip_are_committed_together_or_not_at_all(
    own: AsyncEngine,
) -> None:
    results = await run_together(own, [(INSERT, {"id": 1}), (INSERT, {"id": 2}), (COUNT, {})])
    assert [result.affected for result in results] == [1, 1, 1]
    assert results[-1].rows == [(2,)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        await run_together(own, [(INSERT, {"id": 3}), (INSERT, {"id": 3}), (INSERT, {"id": 4})])
    assert await count(own) == 2  # and the connection is as good as before


async def test_a_batch_larger_than_the_buffers_of_the_kernel(engine: AsyncEngine) -> None:
    echo = Statement("SELECT CAST(:texts AS text[])")
    texts = ["x" * 1_000] * 20_000
    assert (await run(engine, echo, {"texts": texts})).rows == [(texts,)]


@pytest.mark.parametrize("value", ["a\0b", ["a\0b"]])
async def test_what_cannot_be_stored_is_refused(engine: AsyncEngine, value: object) -> None:
    with pytest.raises(QuizrunError) as refused:
        await run(engine, Statement("SELECT :value"), {"value": value})
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID
    with pytest.raises(QuizrunError) as refused:
        await run(engine, Statement("SELECT CAST(:value AS smallint)"), {"value": 2**20})
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID
    with pytest.raises(TypeError):
        await run(engine, Statement("SELECT :value"), {"value": object()})
    assert (await run(engine, ONE)).rows == [(1,)]


async def test_a_statement_that_takes_too_long_is_cancelled(own: AsyncEngine) -> None:
    ((pid,),) = (await run(own, PID)).rows
    with pytest.raises(QuizrunError) as refused:
        await run(own, SLEEP, {"seconds": 30}, timeout_s=0.2)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    ((other,),) = (await run(own, PID)).rows
    assert other != pid

    alive = Statement("SELECT 1 FROM pg_stat_activity WHERE pid = CAST(:pid AS integer)")

    async def ended() -> bool:
        return not (await run(own, alive, {"pid": pid})).rows

    await until_async(ended)


async def test_an_exhausted_pool_raises_unavailable(own: AsyncEngine) -> None:
    async with statements(own):
        with pytest.raises(QuizrunError) as refused:
            await run(own, ONE, timeout_s=0.2)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert (await run(own, ONE)).rows == [(1,)]


async def test_both_ways_wait_for_the_same_connections(own: AsyncEngine) -> None:
    sleeping = asyncio.create_task(run(own, SLEEP, {"seconds": 0.2}))
    await until(lambda: own.pool.checkedout() == 1)  # type: ignore[attr-defined]
    async with statements(own) as connection:
        assert sleeping.done()
        waiting = asyncio.create_task(run(own, ONE))
        assert await connection.scalar(text("SELECT 1")) == 1
        assert not waiting.done()
    assert (await waiting).rows == [(1,)]


async def test_a_connection_that_outlasts_its_pool_is_closed_when_it_is_returned(
    servers: Servers,
) -> None:
    engine = make_engine(servers.database_url, name="tests")
    pool = engine.pool
    assert isinstance(pool, Pool)
    entry = await pool.take()
    connection = connection_of(entry)
    await engine.dispose()
    assert not connection.closed
    pool.put_back(entry)
    assert connection.closed


async def test_a_connection_that_is_being_cleaned_up_is_closed_with_its_pool(
    servers: Servers,
) -> None:
    engine = make_engine(servers.database_url, name="cleaned up", pool_size=1)
    await run(engine, ONE)
    pool = engine.pool
    assert isinstance(pool, Pool)
    entry = pool.take_idle()
    assert entry is not None
    connection = connection_of(entry)
    pool.put_back(entry)

    over: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
    begin(engine, Statement("SELECT pg_sleep(5)"), {}, over.set_result, timeout_s=0.05)
    assert await over is None
    await engine.dispose()
    assert connection.closed


async def test_metrics_count_both_ways(servers: Servers) -> None:
    registry = CollectorRegistry()
    engine = make_engine(servers.database_url, pool_size=1, name="metrics")
    DatabaseMetrics({"all": engine}, registry)

    def value(name: str, **labels: str) -> float:
        return registry.get_sample_value(f"quizrun_db_{name}", labels) or 0

    await run(engine, ONE)
    before = value("statement_seconds_count")
    sleeping = asyncio.create_task(run(engine, SLEEP, {"seconds": 0.1}))
    await until(lambda: value("pool_connections", pool="all", state="in_use") == 1)
    await sleeping
    assert value("pool_connections", pool="all", state="idle") == 1
    assert value("statement_seconds_count") == before + 1
    assert value("statement_seconds_sum") > 0.1
    assert value("pool_wait_seconds_count") == 2
    with pytest.raises(psycopg.errors.UndefinedColumn):
        await run(engine, Statement("SELECT nothing"))
    assert (value("errors_total", kind="other"), value("errors_total", kind="transient")) == (1, 0)
    await engine.dispose()
    await run(engine, ONE)
    assert value("pool_wait_seconds_count") == 4
    await engine.dispose()


async def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    engine = make_engine(f"postgresql://nobody@{LOOPBACK}:{free_port()}/none", name="direct")
    for _ in range(12):  # more often than the pool has connections
        with pytest.raises(QuizrunError) as refused:
            await run(engine, ONE)
        assert refused.value.code is ErrorCode.UNAVAILABLE
    await engine.dispose()


async def test_after_a_restart_no_statement_gets_a_dead_connection(breakable: Servers) -> None:
    engine = make_engine(breakable.database_url, name="direct")
    await asyncio.gather(*(run(engine, SLEEP, {"seconds": 0.05}) for _ in range(10)))
    await breakable.restart("postgres")
    results = await asyncio.gather(*(run(engine, ONE) for _ in range(10)))
    assert [result.rows for result in results] == [[(1,)]] * 10
    await engine.dispose()


async def test_a_connection_that_is_lost_during_a_statement_is_replaced(servers: Servers) -> None:
    engine = make_engine(servers.database_url, pool_size=2, name="direct")
    kill = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(QuizrunError) as refused:
        await run(engine, kill)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert (await run(engine, ONE)).rows == [(1,)]
    await engine.dispose()


async def test_a_hanging_server_does_not_block_callers(breakable: Servers) -> None:
    engine = make_engine(breakable.database_url, pool_size=1, name="direct")
    ((backend,),) = (await run(engine, PID)).rows
    postmaster = breakable.children["postgres"].pid
    assert postmaster is not None
    for pid in (postmaster, backend):
        os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(3):
            with pytest.raises(QuizrunError) as refused:
                await run(engine, ONE, timeout_s=0.5)
        assert refused.value.code is ErrorCode.UNAVAILABLE
    finally:
        for pid in (postmaster, backend):
            os.kill(pid, signal.SIGCONT)
    assert (await run(engine, ONE)).rows == [(1,)]
    await engine.dispose()


@pytest.mark.usefixtures("engine")
async def test_connections_to_a_standby_are_replaced(servers: Servers) -> None:
    """As after a failover: the sessions of the pool are read-only, new ones are not."""
    engine = make_engine(servers.database_url, pool_size=2, name="direct")
    read_only = Statement("SET default_transaction_read_only = on")
    write = Statement("UPDATE runs SET pin = pin WHERE false")
    both = [(read_only, {}), (SLEEP, {"seconds": 0.1})]
    await asyncio.gather(*(run_together(engine, both) for _ in range(2)))
    with pytest.raises(QuizrunError) as refused:
        await run(engine, write)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    await asyncio.gather(*(run(engine, write) for _ in range(4)))
    await engine.dispose()


async def test_statements_that_the_session_has_lost_are_prepared_again(own: AsyncEngine) -> None:
    ids = Statement("SELECT * FROM pg_temp.things")
    await run_together(own, [(INSERT, {"id": 1}), (ids, {})])
    async with statements(own) as connection:
        await connection.execute(text("DEALLOCATE ALL"))
    assert (await run(own, ids)).rows == [(1,)]
    async with statements(own) as connection:  # a migration, during a rolling update
        await connection.execute(text("ALTER TABLE things ADD name text"))
    with pytest.raises(psycopg.errors.UndefinedTable):  # in a new session
        await run(own, ids)


async def test_statements_prepared_after_the_session_lost_others_are_no_obstacle(
    own: AsyncEngine,
) -> None:
    await run(own, ONE)
    async with statements(own) as connection:
        await connection.execute(text("DEALLOCATE ALL"))
    await run(own, COUNT)  # prepared since then
    assert (await run(own, ONE)).rows == [(1,)]  # lost
    assert (await run(own, COUNT)).rows == [(0,)]


async def test_a_transaction_of_several_round_trips_is_committed_at_its_end(
    own: AsyncEngine,
) -> None:
    async def insert(transaction: Transaction) -> int:
        await transaction.run(INSERT, {"id": 1})
        (found,) = await transaction.run_together([(COUNT, {})])
        return int(found.rows[0][0])

    assert await in_transaction(own, insert) == 1
    assert await count(own) == 1


async def test_the_last_statements_can_commit_the_transaction(own: AsyncEngine) -> None:
    async def insert(transaction: Transaction) -> list[tuple[int]]:
        await transaction.run(INSERT, {"id": 1})
        _, found = await transaction.run_together([(INSERT, {"id": 2}), (COUNT, {})], commit=True)
        with pytest.raises(AssertionError):
            await transaction.run(COUNT)
        return found.rows

    assert await in_transaction(own, insert) == [(2,)]
    assert await count(own) == 2


async def test_a_transaction_that_fails_is_rolled_back(own: AsyncEngine) -> None:
    async def fail(transaction: Transaction) -> None:
        await transaction.run(INSERT, {"id": 1})
        raise QuizrunError(ErrorCode.PAUSED, "Not now.")

    async def collide(transaction: Transaction) -> None:
        await transaction.run(INSERT, {"id": 1})
        await transaction.run(INSERT, {"id": 1})

    ((pid,),) = (await run(own, PID)).rows
    with pytest.raises(QuizrunError):
        await in_transaction(own, fail)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await in_transaction(own, collide)
    assert await count(own) == 0
    assert (await run(own, PID)).rows == [(pid,)]  # the connection is as good as before


async def test_a_transaction_starts_again_when_the_session_has_lost_its_statements(
    own: AsyncEngine,
) -> None:
    attempts = 0

    async def insert(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await transaction.run(INSERT, {"id": attempts})
        await transaction.run(COUNT)

    await in_transaction(own, insert)
    async with statements(own) as connection:
        await connection.execute(text("DEALLOCATE ALL"))
    await in_transaction(own, insert)
    assert (attempts, await count(own)) == (3, 2)


async def test_a_transaction_that_takes_too_long_is_cancelled(own: AsyncEngine) -> None:
    async def sleep(transaction: Transaction) -> None:
        await transaction.run(INSERT, {"id": 1})
        await transaction.run(SLEEP, {"seconds": 30})

    with pytest.raises(QuizrunError) as refused:
        await in_transaction(own, sleep, timeout_s=0.3)
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert (await run(own, ONE)).rows == [(1,)]


async def test_a_statement_can_begin_without_a_task(own: AsyncEngine) -> None:
    results: list[Result | None] = []
    arrived = asyncio.Event()

    def done(result: Result | None) -> None:
        results.append(result)
        arrived.set()

    def start(statement: Statement, **values: object) -> Callable[[], None] | None:
        arrived.clear()
        return begin(own, statement, values, done, timeout_s=0.2)

    async with statements(own):
        assert start(ONE) is None  # no connection is idle
    assert start(Statement("SELECT :value"), value="a\0b") is None
    for statement, values, rows in (
        (ONE, {}, [(1,)]),
        (Statement("SELECT nothing"), {}, None),
        (SLEEP, {"seconds": 5}, None),  # takes too long
        (Statement("SELECT pg_terminate_backend(pg_backend_pid())"), {}, None),
    ):
        await run(own, ONE)
        assert start(statement, **values) is not None
        assert start(ONE) is None
        await arrived.wait()
        result = results.pop()
        assert (result and result.rows) == rows
    await run(own, ONE)
    look = start(ONE)
    assert look is not None
    while not results:  # without the event loop
        look()
    assert results == [([(1,)], 1)]
    look()
    assert len(results) == 1


async def test_what_waited_for_a_statement_needs_no_garbage_collector(own: AsyncEngine) -> None:
    async def answer() -> weakref.ref[asyncio.Future[Result | None]]:
        waiting: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
        assert begin(own, ONE, {}, waiting.set_result, timeout_s=5)
        assert await waiting
        return weakref.ref(waiting)

    await run(own, ONE)  # opens the connection
    gc.disable()
    try:
        waited = await answer()
        await asyncio.sleep(0)  # the loop lets go of what has woken us
        assert waited() is None
    finally:
        gc.enable()
