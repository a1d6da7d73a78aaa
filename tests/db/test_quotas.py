"""Quotas hold against concurrent requests, and admins have none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.idempotency import KEY_BYTES, Account, IdempotencyKeys
from db.ids import new_id
from db.quizzes import Quizzes
from db.quotas import QuotaUsage
from db.runs import NewRun, Runs
from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import DAY_MS, HOUR_MS, Quotas
from tests.db.make import NOW, capitals, finished, new_run, pins

MOST = 3


async def outcomes(attempts: Iterable[Awaitable[object]]) -> tuple[int, set[ErrorCode]]:
    """How many of the concurrent attempts succeed, and with which codes the others fail."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(error, QuizrunError) for error in refused), refused
    codes = {error.code for error in refused if isinstance(error, QuizrunError)}
    return len(results) - len(refused), codes


def another(run: NewRun) -> NewRun:
    run_id, pin = new_id(), str(next(pins))
    state = run.snapshot.state.model_copy(update={"run_id": run_id})
    snapshot = run.snapshot.model_copy(update={"state": state, "pin": pin})
    return replace(run, id=run_id, pin=pin, snapshot=snapshot)


@pytest.fixture
async def account_id(engine: AsyncEngine) -> str:
    return (await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")).id


async def promote(engine: AsyncEngine, account_id: str) -> None:
    async with engine.begin() as connection:
        values = {"id": account_id}
        await connection.execute(text("UPDATE accounts SET role = 'admin' WHERE id = :id"), values)


async def test_concurrent_runs_do_not_exceed_the_live_ones(engine: AsyncEngine) -> None:
    runs, first, quotas = Runs(engine), await new_run(engine), Quotas(live_runs=MOST)
    wanted = [another(first) for _ in range(3 * MOST)]
    opened = await outcomes(runs.create(run, quotas) for run in wanted)
    assert opened == (MOST, {ErrorCode.LIVE_RUNS_QUOTA_REACHED})
    stored, total = await runs.page(first.host_id, 10, 0)
    assert total == MOST

    run = next(run for run in wanted if run.id == stored[0].id)
    await runs.create(run, quotas)  # a repetition is not another run
    await runs.save_snapshot(finished(run))
    async with engine.begin() as connection:
        values = {"id": run.id, "now": NOW}
        await connection.execute(text("UPDATE runs SET finished_at = :now WHERE id = :id"), values)
    await runs.create(another(first), quotas)
    await promote(engine, first.host_id)
    await runs.create(another(first), quotas)


async def test_concurrent_runs_do_not_exceed_those_of_a_day(engine: AsyncEngine) -> None:
    runs, first, quotas = Runs(engine), await new_run(engine), Quotas(runs=MOST)
    opened = await outcomes(runs.create(another(first), quotas) for _ in range(3 * MOST))
    assert opened == (MOST, {ErrorCode.RUNS_QUOTA_REACHED})
    tomorrow = replace(another(first), created_at=NOW + DAY_MS)
    await runs.create(tomorrow, quotas)
    (runs_used,) = [
        used
        for used in await QuotaUsage(engine).of(first.host_id, quotas, NOW + DAY_MS)
        if used.quota == "runs"
    ]
    assert (runs_used.used, runs_used.most) == (1, MOST)
    assert runs_used.resets_at == NOW + 2 * DAY_MS


async def test_concurrent_quizzes_do_not_exceed_the_library(
    engine: AsyncEngine, account_id: str
) -> None:
    quizzes = Quizzes(engine)
    stored = await outcomes(
        quizzes.create(account_id, capitals(1), NOW, MOST) for _ in range(3 * MOST)
    )
    assert stored == (MOST, {ErrorCode.QUIZZES_QUOTA_REACHED})
    (quiz, *_), total = await quizzes.page(account_id, 10, 0)
    assert total == MOST
    await quizzes.delete(account_id, quiz.id, NOW)
    await quizzes.create(account_id, capitals(1), NOW, MOST)
    await promote(engine, account_id)
    await quizzes.create(account_id, capitals(1), NOW, MOST)


async def test_concurrent_exports_do_not_exceed_those_of_an_hour(
    engine: AsyncEngine, account_id: str
) -> None:
    usage = QuotaUsage(engine)
    exported = await outcomes(
        usage.spend(account_id, "exports", MOST, NOW) for _ in range(3 * MOST)
    )
    assert exported == (MOST, {ErrorCode.EXPORTS_QUOTA_REACHED})
    await usage.spend(account_id, "exports", MOST, NOW + HOUR_MS)
    await usage.spend(account_id, "exports", 0, NOW)  # unlimited


async def test_stored_responses_are_bounded_and_a_refused_key_is_free(
    engine: AsyncEngine, account_id: str
) -> None:
    keys = IdempotencyKeys(engine)
    account = Account(account_id, 3 * KEY_BYTES)
    scope = f"{account_id} POST /quizzes"
    assert await keys.begin(scope, "one", "print", NOW, account) is None
    await keys.complete(scope, "one", 201, b"x" * KEY_BYTES, account)
    begun = await outcomes(
        keys.begin(scope, f"key {number}", "print", NOW, account) for number in range(5)
    )
    assert begun == (1, {ErrorCode.TOO_MANY_REQUESTS})
    assert await keys.begin(scope, "one", "print", NOW, account) is not None  # still replayed
    for number in range(5):  # a refused key can be used tomorrow
        later = NOW + DAY_MS
        await keys.begin(scope, f"key {number}", "print", later, Account(account_id, 10**6))
