"""Values that may be used only once, remembered in Redis while they are valid."""

from __future__ import annotations

import hashlib

from db.redis import Projection


class UsedOnce(Projection):
    """Tracks used values across all gateways. Without Redis every value counts as unused."""

    async def first_use(self, kind: str, value: str, ttl_s: int) -> bool:
        """Mark `value` as used; return whether it was unused. Only its hash is stored."""
        digest = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        key = f"quizrun:used:{kind}:{digest}"

        async def mark() -> bool:
            return bool(await self._redis.set(key, 1, nx=True, ex=ttl_s))

        return await self._attempt(mark) is not False
