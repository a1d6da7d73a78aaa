"""Counts of recent failures, across gateways in Redis and also within this process."""

from __future__ import annotations

import time
from collections import OrderedDict

from db.redis import Projection, RedisClient

MAX_KEYS = 10_000

# KEYS counter; ARGV window in ms.
_ADD = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class Failures(Projection):
    """Counts failures in fixed windows of `window_s` seconds.

    Without Redis only this process's own counts apply.
    """

    def __init__(self, redis: RedisClient, window_s: float) -> None:
        super().__init__(redis)
        self._window_s = window_s
        self._own: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def count(self, key: str) -> int:
        """Return the number of failures of `key` in its window."""
        count = await self._attempt(lambda: self._redis.get(_counter(key)))
        return max(int(count or 0), self.seen_here(key))

    async def add(self, key: str) -> None:
        """Count a failure."""
        self._note(key, self.seen_here(key) + 1)
        script = self._redis.register_script(_ADD)
        window_ms = int(self._window_s * 1000)
        shared = await self._attempt(lambda: script(keys=[_counter(key)], args=[window_ms]))
        if shared and shared > self.seen_here(key):  # other gateways have counted some
            self._note(key, shared)

    def _note(self, key: str, count: int) -> None:
        since = self._own[key][0] if self.seen_here(key) else time.monotonic()
        self._own[key] = (since, count)
        self._own.move_to_end(key)
        if len(self._own) > MAX_KEYS:
            self._own.popitem(last=False)

    def seen_here(self, key: str) -> int:
        """Return how many failures this process knows of, without asking Redis."""
        since, count = self._own.get(key, (0.0, 0))
        return count if time.monotonic() - since < self._window_s else 0


def _counter(key: str) -> str:
    return f"quizrun:failures:{key}"
