from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from db.ids import new_id
from db.rate_limit import RateLimiter
from quiz.errors import ErrorCode, QuizrunError


async def test_beyond_the_limit_requests_are_refused_until_the_window_ends(redis: Redis) -> None:
    limiter, key = RateLimiter(redis), new_id()
    for _ in range(3):
        await limiter.check(key, 3, 0.3)
    with pytest.raises(QuizrunError) as refused:
        await limiter.check(key, 3, 0.3)
    assert refused.value.code is ErrorCode.TOO_MANY_REQUESTS
    await limiter.check(new_id(), 3, 0.3)
    # time: the window ends by Redis's own clock
    await asyncio.sleep(0.35)
    await limiter.check(key, 3, 0.3)


async def test_concurrent_requests_are_counted_exactly(redis: Redis) -> None:
    limiter, key = RateLimiter(redis), new_id()
    outcomes = await asyncio.gather(
        *(limiter.check(key, 10, 5) for _ in range(30)), return_exceptions=True
    )
    assert outcomes.count(None) == 10
