"""WebAuthn challenges: signed rather than stored, short-lived and single-use."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from db.passkeys import UsedChallenges
from gateway.keys import KeyRing
from telemetry.clock import now_ms

TTL_S = 300
_NONCE_BYTES = 16
_TIME_BYTES = 8
_STEM_BYTES = _NONCE_BYTES + _TIME_BYTES


class Challenges:
    """Issues challenges that carry their expiry and are signed for one purpose.

    Any gateway can verify them, and requesting many fills no table: only successfully used ones are
    stored, until they expire.
    """

    def __init__(self, used: UsedChallenges, keys: KeyRing) -> None:
        self._used = used
        self._keys = keys.derive(b"passkey challenges")

    def issue(self, purpose: str) -> bytes:
        """Create a challenge. `purpose` identifies its use and, where known, its user."""
        expires_at = now_ms() + TTL_S * 1000
        stem = secrets.token_bytes(_NONCE_BYTES) + expires_at.to_bytes(_TIME_BYTES)
        return stem + _signature(self._keys[0], stem, purpose)

    def is_valid(self, challenge: bytes, purpose: str) -> bool:
        """Return whether a challenge is authentic, made for `purpose` and not expired."""
        stem, signature = challenge[:_STEM_BYTES], challenge[_STEM_BYTES:]
        ours = any(
            hmac.compare_digest(signature, _signature(key, stem, purpose)) for key in self._keys
        )
        return ours and _expiry(stem) > now_ms()

    async def use(self, challenge: bytes) -> bool:
        """Use up a valid challenge; returns False if it was used before."""
        digest = hashlib.sha256(challenge).digest()
        return await self._used.mark_used(digest, _expiry(challenge), now_ms())


def _signature(key: bytes, stem: bytes, purpose: str) -> bytes:
    return hmac.digest(key, stem + purpose.encode(), "sha256")


def _expiry(challenge: bytes) -> int:
    return int.from_bytes(challenge[_NONCE_BYTES:_STEM_BYTES])
