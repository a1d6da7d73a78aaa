"""The secrets that all processes share, and the keys derived from them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import NamedTuple, Self

from cryptography.fernet import Fernet, MultiFernet

from telemetry.settings import ServerSettings

_ID_BYTES = 6


class SigningKey(NamedTuple):
    """A secret and its id: a digest, so that a secret keeps its id wherever it is listed."""

    id: str
    secret: str


class KeyRing:
    """The first secret signs and encrypts; all of them verify and decrypt.

    See docs/rotating-secrets.md for how to replace one while processes run.
    """

    def __init__(self, *secrets: str) -> None:
        """`secrets` must contain at least one."""
        keys = [SigningKey(_id(secret), secret) for secret in secrets]
        self._keys = {key.id: key for key in keys}

    @classmethod
    def of(cls, settings: ServerSettings) -> Self:
        """Return the secrets of the settings."""
        accepted = (secret.get_secret_value() for secret in settings.accepted_secrets)
        return cls(settings.secret.get_secret_value(), *accepted)

    @property
    def signing(self) -> SigningKey:
        """The key of new signatures."""
        return next(iter(self._keys.values()))

    def verifying(self, key_id: object) -> Iterable[SigningKey]:
        """Return the keys that may have signed a token with this id; none if it is unknown.

        Tokens of earlier releases have no id (None) and may be signed by any key.
        """
        if key_id is None:
            return self._keys.values()
        known = self._keys.get(key_id) if isinstance(key_id, str) else None
        return [known] if known else []

    def derive(self, purpose: bytes) -> list[bytes]:
        """Return a 32-byte key for one purpose from each secret; the first one signs."""
        return [_digest(purpose, key.secret) for key in self._keys.values()]

    def seal(self, purpose: bytes) -> MultiFernet:
        """Return the encryption of what is kept for one purpose."""
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in self.derive(purpose)])


def _id(secret: str) -> str:
    digest = _digest(b"key id", secret)[:_ID_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def _digest(purpose: bytes, secret: str) -> bytes:
    return hashlib.sha256(purpose + secret.encode()).digest()
