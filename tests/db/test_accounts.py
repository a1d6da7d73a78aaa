from __future__ import annotations

import asyncio
import secrets

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Account, Accounts
from db.ids import new_id
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


async def test_an_account_is_found_however_its_address_is_written(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    name = new_id()
    account = await accounts.create(f" {name}@Example.org ", "Ada", "hash")
    assert account.email == f"{name}@example.org"
    assert await accounts.by_email(f"{name}@EXAMPLE.ORG") == account
    assert await accounts.by_id(account.id) == account
    assert await accounts.by_id("nonsense") is None
    assert await accounts.by_email("nobody@example.org") is None


async def test_of_two_who_register_at_once_one_gets_the_address(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    name = new_id()
    outcomes = await asyncio.gather(
        *(accounts.create(f"{name}@example.org", "Ada", "hash") for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Account) for outcome in outcomes) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, QuizrunError)]
    assert [refusal.code for refusal in refusals] == [ErrorCode.EMAIL_TAKEN] * 3


async def test_an_address_that_cannot_be_stored_is_the_requesters_fault(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(QuizrunError) as refused:
        await Accounts(engine).by_email("a\0b@example.org")
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID


async def test_a_session_ends_when_it_expires_or_is_deleted(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    account = await accounts.create(f"{new_id()}@example.org", "Ada", "hash")
    now = now_ms()
    short, long = secrets.token_bytes(32), secrets.token_bytes(32)
    await accounts.create_session(account.id, short, now + 1_000)
    await accounts.create_session(account.id, long, now + 9_000)
    assert await accounts.session_account(short, now) == account
    assert await accounts.session_account(short, now + 1_000) is None
    assert await accounts.session_account(long, now + 1_000) == account
    await accounts.delete_session(long)
    await accounts.delete_session(long)
    assert await accounts.session_account(long, now) is None


async def test_a_new_password_ends_the_sessions_of_that_account_only(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    ada = await accounts.create(f"{new_id()}@example.org", "Ada", "hash")
    bo = await accounts.create(f"{new_id()}@example.org", "Bo", "hash")
    hers, his = secrets.token_bytes(32), secrets.token_bytes(32)
    now = now_ms()
    await accounts.create_session(ada.id, hers, now + 9_000)
    await accounts.create_session(bo.id, his, now + 9_000)
    await accounts.set_password(ada.id, "another hash")
    changed = await accounts.by_id(ada.id)
    assert changed is not None
    assert changed.password_hash == "another hash"
    assert await accounts.session_account(hers, now) is None
    assert await accounts.session_account(his, now) == bo
