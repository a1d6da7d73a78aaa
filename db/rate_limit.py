"""Rate limits, counted in Redis across all gateways."""

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
    """Rate limits with fixed windows. Without Redis all requests are allowed."""

    def __init__(self, redis: RedisClient) -> None:
        super().__init__(redis)
        self.refused: Counter[str] = Counter()
        """The number of refusals by kind of limit."""

    async def check(self, key: str, limit: int, window_s: float, *, kind: str = "other") -> None:
        """Count a request; raise `too_many_requests` beyond `limit` within `window_s`.

        `kind` is the label under which refusals are counted.
        """
        script = self._redis.register_script(_COUNT)
        counter = f"quizrun:rate:{key}"
        reply = await self._attempt(lambda: script(keys=[counter], args=[int(window_s * 1000)]))
        if reply and reply[0] > limit:
            self.refused[kind] += 1
            wait_s = max(1, -(-reply[1] // 1000))
            raise QuizrunError(
                ErrorCode.TOO_MANY_REQUESTS, f"Too many requests. Try again in {wait_s} s."
            )
