"""What may be used once, remembered in Redis for as long as it could be tried again."""

from __future__ import annotations

import hashlib

from db.redis import Projection


class UsedOnce(Projection):
    """Remembers across all gateways. Without Redis everything counts as unused."""

    async def first_use(self, kind: str, value: str, ttl_s: int) -> bool:
        """Whether `value` has not been used before; now it has. Only its hash is kept."""
        digest = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        key = f"quizrun:used:{kind}:{digest}"

        async def mark() -> bool:
            return bool(await self._redis.set(key, 1, nx=True, ex=ttl_s))

        return await self._attempt(mark) is not False
