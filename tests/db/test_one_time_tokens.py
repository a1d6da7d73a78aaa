from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.ids import new_id
from db.one_time_tokens import OneTimeToken, OneTimeTokens
from quiz.errors import ErrorCode, QuizrunError


async def an_account(engine: AsyncEngine) -> str:
    return (await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")).id


async def refused(attempt: object) -> bool:
    with pytest.raises(QuizrunError) as raised:
        await attempt  # type: ignore[misc]
    return raised.value.code is ErrorCode.LINK_EXPIRED


async def test_a_token_can_be_used_once_even_concurrently(engine: AsyncEngine) -> None:
    tokens, account = OneTimeTokens(engine), await an_account(engine)
    token = await tokens.issue("reset", account, 60, email="ada@example.org")
    assert await tokens.look_up("reset", token) == OneTimeToken(
        account, {"email": "ada@example.org"}
    )
    uses = [tokens.use("reset", token) for _ in range(5)]
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    assert sum(isinstance(outcome, OneTimeToken) for outcome in outcomes) == 1
    assert await refused(tokens.look_up("reset", token))


async def test_a_token_is_valid_for_its_purpose_until_the_next_one_is_issued(
    engine: AsyncEngine,
) -> None:
    tokens, account = OneTimeTokens(engine), await an_account(engine)
    first = await tokens.issue("reset", account, 60)
    assert await refused(tokens.use("verify", first))
    second = await tokens.issue("reset", account, 60)
    assert await refused(tokens.use("reset", first))
    assert await refused(tokens.use("reset", "\udc80"))
    assert (await tokens.use("reset", second)).account_id == account


async def test_a_token_expires(engine: AsyncEngine) -> None:
    tokens, account = OneTimeTokens(engine), await an_account(engine)
    assert await refused(tokens.use("reset", await tokens.issue("reset", account, 0)))


async def test_the_token_itself_is_not_stored(engine: AsyncEngine) -> None:
    tokens, account = OneTimeTokens(engine), await an_account(engine)
    token = await tokens.issue("reset", account, 60)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT t::text FROM one_time_tokens t WHERE account_id = :id"), {"id": account}
        )
        assert token not in str(rows.all())
