"""The Redis client, and the base of all stores that can do without Redis."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

T = TypeVar("T")

TIMEOUT_S = 2.0
PAUSE_S = 1.0
"""How long a store leaves Redis alone after a failure, so that a hanging one costs little."""
PROBE_S = 2 * TIMEOUT_S
"""How long a caller that finds out whether Redis is back keeps the others from it."""


def make_redis(url: str) -> Redis:
    """A client with bounded patience. Values are bytes. Nothing is connected yet."""
    return Redis.from_url(
        url,
        decode_responses=False,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        health_check_interval=30,
        # One more try on a fresh connection: pooled ones die with the server. Timeouts are not
        # tried again, they have cost enough.
        retry=Retry(ExponentialBackoff(cap=0.1, base=0.01), 1, (RedisConnectionError,)),
    )


class Projection:
    """A store whose content can be rebuilt: when Redis fails, it answers None and says so once."""

    def __init__(
        self, redis: Redis, *, on_failure: Callable[[Exception], None] | None = None
    ) -> None:
        """`on_failure` is told each failure, for a log and a metric."""
        self._redis: Any = redis
        self._on_failure = on_failure
        self._failing = False
        self._resumes_at = 0.0
        self.failed = 0
        """Calls that Redis did not answer."""
        self.skipped = 0
        """Calls that were not made, since it had just failed."""
        self.observe: Callable[[float], None] | None = None
        """Told how many seconds each successful call took (`db.metrics`)."""

    async def _attempt(self, action: Callable[[], Awaitable[T]]) -> T | None:
        """What `action` returns, or None at once while Redis is failing.

        One caller at a time finds out whether it still is: none of the others waits for a server
        that hangs.
        """
        now = time.monotonic()
        if now < self._resumes_at:
            self.skipped += 1
            return None
        if self._failing:
            self._resumes_at = now + PROBE_S
        try:
            found = await action()
        except (RedisError, OSError) as error:
            self._failing = True
            self.failed += 1
            self._resumes_at = time.monotonic() + PAUSE_S
            if self._on_failure is not None:
                self._on_failure(error)
            return None
        self._failing, self._resumes_at = False, 0.0
        if self.observe is not None:
            self.observe(time.monotonic() - now)
        return found
