from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.idempotency import ABANDONED_MS, RETENTION_MS, IdempotencyKeys, StoredResponse
from db.ids import new_id
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import NOW


@pytest.fixture
def keys(engine: AsyncEngine) -> IdempotencyKeys:
    return IdempotencyKeys(engine)


async def refusal(keys: IdempotencyKeys, key: str, fingerprint: str, now: int) -> ErrorCode:
    with pytest.raises(QuizrunError) as refused:
        await keys.begin("me", key, fingerprint, now)
    return refused.value.code


async def test_a_repeated_request_gets_the_first_response(keys: IdempotencyKeys) -> None:
    key = new_id()
    assert await keys.begin("me", key, "print", NOW) is None
    await keys.complete("me", key, 201, b"{}")
    await keys.complete("me", key, 500, b"late")
    assert await keys.begin("me", key, "print", NOW) == StoredResponse(201, b"{}")
    assert await keys.begin("someone else", key, "print", NOW) is None


async def test_of_concurrent_requests_one_is_executed(keys: IdempotencyKeys) -> None:
    key = new_id()
    outcomes = await asyncio.gather(
        *(keys.begin("me", key, "print", NOW) for _ in range(5)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    codes = {outcome.code for outcome in outcomes if isinstance(outcome, QuizrunError)}
    assert codes == {ErrorCode.REQUEST_IN_PROGRESS}


async def test_a_key_cannot_be_reused_for_another_request(keys: IdempotencyKeys) -> None:
    key = new_id()
    await keys.begin("me", key, "print", NOW)
    assert await refusal(keys, key, "other", NOW) is ErrorCode.IDEMPOTENCY_KEY_REUSED
    later = NOW + ABANDONED_MS + 1
    assert await refusal(keys, key, "other", later) is ErrorCode.IDEMPOTENCY_KEY_REUSED
    await keys.complete("me", key, 200, b"")
    assert await refusal(keys, key, "other", NOW) is ErrorCode.IDEMPOTENCY_KEY_REUSED


async def test_a_request_whose_process_died_is_taken_over_once(keys: IdempotencyKeys) -> None:
    key = new_id()
    await keys.begin("me", key, "print", NOW)
    assert await refusal(keys, key, "print", NOW + 1) is ErrorCode.REQUEST_IN_PROGRESS
    later = NOW + ABANDONED_MS
    outcomes = await asyncio.gather(
        *(keys.begin("me", key, "print", later) for _ in range(4)), return_exceptions=True
    )
    assert outcomes.count(None) == 1


async def test_a_released_key_can_be_used_again(keys: IdempotencyKeys) -> None:
    key = new_id()
    await keys.begin("me", key, "print", NOW)
    await keys.release("me", key)
    assert await keys.begin("me", key, "print", NOW) is None
    await keys.complete("me", key, 200, b"done")
    await keys.release("me", key)
    assert await keys.begin("me", key, "print", NOW) == StoredResponse(200, b"done")


async def test_old_responses_are_purged(keys: IdempotencyKeys) -> None:
    key, other = new_id(), new_id()
    for each in (key, other):
        await keys.begin("me", each, "print", NOW)
        await keys.complete("me", each, 200, b"done")
    assert await keys.begin("me", key, "another", NOW + RETENTION_MS) is None
    await keys.purge(NOW + RETENTION_MS)
    assert await keys.begin("me", other, "another", NOW) is None
