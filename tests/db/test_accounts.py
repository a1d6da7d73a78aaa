from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Account, Accounts
from db.ids import new_id
from quiz.errors import ErrorCode, QuizrunError


async def test_an_account_is_found_whatever_the_case_of_its_address(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    name = new_id()
    account = await accounts.create(f" {name}@Example.org ", "Ada", "hash")
    assert account.email == f"{name}@example.org"
    assert await accounts.by_email(f"{name}@EXAMPLE.ORG") == account
    assert await accounts.by_id(account.id) == account
    assert await accounts.by_id("nonsense") is None
    assert await accounts.by_email("nobody@example.org") is None


async def test_concurrent_registrations_of_one_address_create_one_account(
    engine: AsyncEngine,
) -> None:
    accounts = Accounts(engine)
    name = new_id()
    outcomes = await asyncio.gather(
        *(accounts.create(f"{name}@example.org", "Ada", "hash") for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Account) for outcome in outcomes) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, QuizrunError)]
    assert [refusal.code for refusal in refusals] == [ErrorCode.EMAIL_TAKEN] * 3


async def test_an_unstorable_address_is_a_client_error(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(QuizrunError) as refused:
        await Accounts(engine).by_email("a\0b@example.org")
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID


async def test_an_address_is_verified_unless_another_account_has_it(engine: AsyncEngine) -> None:
    accounts = Accounts(engine)
    ada = await accounts.create(f"{new_id()}@example.org", "Ada", "hash")
    bo = await accounts.create(f"{new_id()}@example.org", "Bo", "hash")
    new = f"{new_id()}@example.org"
    verified = await accounts.verify_email(ada.id, new.upper(), 7)
    assert verified is not None
    assert (verified.email, verified.email_verified_at) == (new, 7)
    with pytest.raises(QuizrunError) as refused:
        await accounts.verify_email(bo.id, new, 8)
    assert refused.value.code is ErrorCode.EMAIL_TAKEN
    assert await accounts.by_id(bo.id) == bo


async def test_a_hash_is_upgraded_only_if_the_password_is_unchanged(
    engine: AsyncEngine,
) -> None:
    accounts = Accounts(engine)
    ada = await accounts.create(f"{new_id()}@example.org", "Ada", "old")
    await accounts.upgrade_password_hash(ada.id, "another", "new")
    assert (await accounts.by_id(ada.id)) == ada
    await accounts.upgrade_password_hash(ada.id, "old", "new")
    upgraded = await accounts.by_id(ada.id)
    assert upgraded is not None
    assert upgraded.password_hash == "new"
