"""PostgreSQL behind PgBouncer in transaction mode: answers, scoring and the end of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import engine_of, statements, transaction
from db.migrate import migrate_to_newest
from deploy.check.postgres import check_postgres
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from telemetry.settings import DatabaseSettings
from tests.db.pgbouncer import SERVER_CONNECTIONS, pgbouncer

# The same promises, kept through the pooler: these use the engine below.
from tests.db.test_answers import (  # noqa: F401
    test_an_acknowledged_answer_is_in_the_table,
    test_batches_with_the_same_rows_do_not_deadlock,
    test_concurrent_writers_agree_on_one_first_answer,
    test_one_batch_can_serve_several_runs,
)
from tests.db.test_finishing import (  # noqa: F401
    test_every_answer_acknowledged_around_the_end_is_scored,
    test_the_final_ranks_are_stored,
)
from tests.db.test_scoring import (  # noqa: F401
    test_concurrent_scorers_add_points_once,
    test_points_go_to_answers_and_totals,
    test_streaks_grow_with_correct_answers_and_earn_the_bonus,
)


@pytest.fixture(scope="module")
async def settings(servers: Servers) -> AsyncIterator[DatabaseSettings]:
    """Settings with the password apart from the URL, as in a Kubernetes secret."""
    async with pgbouncer(servers.database_url) as address:
        url = make_url(address)
        yield DatabaseSettings(
            database_url=url.set(password=None).render_as_string(),
            database_password=SecretStr(str(url.password)),
            database_pooler="transaction",
            database_pool_size=20,
        )


@pytest.fixture(scope="module")
async def engine(settings: DatabaseSettings) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(migrate_to_newest, settings)
    engine = engine_of(settings, name="tests")
    yield engine
    await engine.dispose()


async def test_a_transaction_has_the_limits_of_a_session(engine: AsyncEngine) -> None:
    shown = "current_setting('idle_in_transaction_session_timeout')"
    async with transaction(engine) as connection:
        found = await connection.execute(text(f"SELECT {shown}"))
        assert found.scalar() == "20s"
    async with statements(engine) as connection:  # and leaves none of them behind
        found = await connection.execute(text(f"SELECT {shown}"))
        assert found.scalar() == "0"


async def test_the_check_reports_what_it_found(settings: DatabaseSettings) -> None:
    found = await check_postgres(settings)
    assert found.ok, found.faults
    assert (found.facts["TLS"], found.facts["pooler"]) == ("yes", "transaction")
    (fault,) = (
        await check_postgres(settings.model_copy(update={"database_pooler": "none"}))
    ).faults
    assert fault.endswith("set QUIZRUN_DATABASE_POOLER=transaction.")
    untrusted = (
        settings.database_url.get_secret_value().split("&sslrootcert")[0] + "&sslrootcert=system"
    )
    (fault,) = (
        await check_postgres(settings.model_copy(update={"database_url": SecretStr(untrusted)}))
    ).faults
    assert "certificate" in fault


async def test_more_connections_than_the_server_has(engine: AsyncEngine) -> None:
    async def own_process() -> int:
        async with statements(engine) as connection:
            found = await connection.execute(text("SELECT pg_backend_pid() FROM pg_sleep(0.01)"))
            return int(found.scalar_one())

    processes = await asyncio.gather(*(own_process() for _ in range(60)))
    assert len(set(processes)) <= SERVER_CONNECTIONS


async def test_an_abandoned_statement_is_cancelled_on_the_server(
    engine: AsyncEngine, servers: Servers
) -> None:
    with pytest.raises(QuizrunError) as raised:
        async with statements(engine, timeout_s=0.5) as connection:
            await connection.execute(text("SELECT pg_sleep(60) AS given_up"))
    assert raised.value.code is ErrorCode.UNAVAILABLE
    left = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    async with asyncio.timeout(15):
        async with await psycopg.AsyncConnection.connect(servers.database_url) as direct:
            while True:
                found = await direct.execute(left, ["SELECT pg_sleep(60) AS given_up%"])
                row = await found.fetchone()
                if row == (0,):
                    break
                await asyncio.sleep(0.05)
