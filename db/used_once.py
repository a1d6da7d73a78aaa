"""Values that may be used only once, remembered in Redis while they are valid."""

from __future__ import annotations

import hashlib

from db.redis import Projection


class UsedOnce(Projection):
    """Tracks used values across all gateways. Without Redis every value counts as unused."""

    async def first_use(self, kind: str, value: str, ttl_s: int) -> bool:
        """Mark `value` as used; return whether it was unused. Only its hash is stored."""
        key = _key(kind, value)

        async def mark() -> bool:
            return bool(await self._redis.set(key, 1, nx=True, ex=ttl_s))

        return await self._attempt(mark) is not False

    async def claim(self, kind: str, value: str, by: str, ttl_s: int) -> bool:
        """Mark `value` as used by `by`; return whether nobody else has used it."""
        key, owner = _key(kind, value), _digest(by)

        async def mark() -> bool:
            if await self._redis.set(key, owner, nx=True, ex=ttl_s):
                return True
            kept = await self._redis.get(key)
            return kept is None or kept.decode() == owner

        return await self._attempt(mark) is not False

    async def release(self, kind: str, value: str) -> None:
        """Make `value` unused again: what it was used for has failed."""
        await self._attempt(lambda: self._redis.delete(_key(kind, value)))


def _key(kind: str, value: str) -> str:
    return f"quizrun:used:{kind}:{_digest(value)}"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]
