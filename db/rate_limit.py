"""How often something may be done, counted in Redis over all gateways."""

from __future__ import annotations

from collections import Counter

from db.redis import Projection, RedisClient
from quiz.errors import ErrorCode, QuizrunError

# KEYS counter; ARGV window in ms. Returns the count and the ms left of the window.
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class RateLimiter(Projection):
    """Fixed windows. Without Redis everything is let through: limits are no promise."""

    def __init__(self, redis: RedisClient) -> None:
        super().__init__(redis)
        self.refused: Counter[str] = Counter()
        """How often each kind of limit was exceeded."""

    async def check(self, key: str, limit: int, window_s: float, *, kind: str = "other") -> None:
        """Count one; raises `too_many_requests` beyond `limit` within `window_s`.

        Refusals are counted by `kind`, one of a few names.
        """
        script = self._redis.register_script(_COUNT)
        counter = f"quizrun:rate:{key}"
        found = await self._attempt(lambda: script(keys=[counter], args=[int(window_s * 1000)]))
        if found and found[0] > limit:
            self.refused[kind] += 1
            wait_s = max(1, -(-found[1] // 1000))
            raise QuizrunError(
                ErrorCode.TOO_MANY_REQUESTS, f"Too many requests. Try again in {wait_s} s."
            )
