from __future__ import annotations

import asyncio

from db.account_deletion import AccountDeletion
from db.account_events import AccountEvents
from db.accounts import Accounts
from db.engine import make_engine
from db.expiry import DAY_MS, ExpiredRows
from db.idempotency import RETENTION_MS, IdempotencyKeys
from db.ids import new_id
from db.one_time_tokens import OneTimeTokens
from db.retention import Retention, RetentionPeriods
from db.sessions import Session, Sessions
from gateway.maintenance import maintenance_jobs, run_periodically
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


async def test_a_failing_job_does_not_block_others_and_is_retried(database_url: str) -> None:
    engine = make_engine(database_url, name="test")
    keys = IdempotencyKeys(engine)
    await keys.begin("old", "k", "f", now_ms() - RETENTION_MS - 1)
    await keys.begin("new", "k", "f", now_ms())
    accounts_done, purged = asyncio.Event(), asyncio.Event()

    class Failing(IdempotencyKeys):
        failures = 2

        async def purge(self, now: int) -> None:
            self.failures -= 1
            if self.failures == 1:
                raise QuizrunError(ErrorCode.UNAVAILABLE, "Away.")
            if self.failures == 0:
                raise ZeroDivisionError
            await super().purge(now)
            purged.set()

    class Deletion(AccountDeletion):
        async def delete_due(self, now: int) -> int:
            accounts_done.set()
            return await super().delete_due(now)

    wanted = maintenance_jobs(
        Failing(engine),
        ExpiredRows(engine, 365, 365),
        Retention(engine, RetentionPeriods()),
        Deletion(engine),
    )
    task = asyncio.create_task(run_periodically(wanted, every_s=0.01))
    async with asyncio.timeout(15):
        await accounts_done.wait()
        assert not purged.is_set()
        await purged.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT scope FROM idempotency_keys WHERE scope IN ('old', 'new') ORDER BY 1"
        )
        assert found.scalars().all() == ["new"]
    await engine.dispose()


async def test_expired_sessions_links_and_old_log_entries_are_deleted(database_url: str) -> None:
    engine = make_engine(database_url, name="test")
    account = await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")
    now = now_ms()
    sessions, events = Sessions(engine), AccountEvents(engine)
    for expires_at in (now + DAY_MS, now + 2 * DAY_MS):
        session = Session(new_id(), now, expires_at, now, "password", None, None)
        await sessions.create(session, account.id, session.id.encode())
    await OneTimeTokens(engine).issue("reset", account.id, 60)
    await events.record(account.id, "signed_in")
    await ExpiredRows(engine, 10, 10).purge(now + DAY_MS)
    assert len(await sessions.of_account(account.id, now)) == 1
    assert len(await events.page(account.id, 10)) == 1
    await ExpiredRows(engine, 10, 10).purge(now + 11 * DAY_MS)
    assert await events.page(account.id, 10) == []
    async with engine.connect() as connection:
        left = await connection.exec_driver_sql("SELECT count(*) FROM one_time_tokens")
        assert left.scalar() == 0
    await engine.dispose()
