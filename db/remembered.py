"""Facts that gateways share for a short time."""

from __future__ import annotations

import hashlib

from db.redis import Projection


class Remembered(Projection):
    """Keys that were set within the last `ttl_s` seconds. Without Redis nothing is remembered."""

    async def put(self, kind: str, key: str, ttl_s: int) -> None:
        """Remember `key`; only its hash is stored."""
        await self._attempt(lambda: self._redis.set(_name(kind, key), 1, ex=ttl_s))

    async def has(self, kind: str, key: str) -> bool:
        """Whether `key` is remembered."""
        return bool(await self._attempt(lambda: self._redis.exists(_name(kind, key))))


def _name(kind: str, key: str) -> str:
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"quizrun:remembered:{kind}:{digest}"
