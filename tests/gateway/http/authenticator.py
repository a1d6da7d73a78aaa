"""A software authenticator that creates and uses passkeys, as reported by browsers (WebAuthn 2)."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Passkey:
    """A credential (ES256). `counts` is None for authenticators without a counter."""

    rp_id: str
    user_handle: bytes
    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    counts: int | None = None

    def cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass
class Authenticator:
    """`origin` is that of the page."""

    origin: str
    flags: int = PRESENT | VERIFIED
    passkeys: list[Passkey] = field(default_factory=list)

    def create(
        self, options: dict[str, Any], *, rp_id: str | None = None, like: Passkey | None = None
    ) -> dict[str, Any]:
        """The result of ``navigator.credentials.create()``."""
        handle = decoded(options["user"]["id"])
        passkey = like or Passkey(rp_id or options["rp"]["id"], handle)
        self.passkeys.append(passkey)
        attested = bytes(16) + len(passkey.id).to_bytes(2) + passkey.id + passkey.cose()
        data = self._data(passkey, ATTESTED) + attested
        return {
            "id": encoded(passkey.id),
            "rawId": encoded(passkey.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": encoded(self._client_data("webauthn.create", options)),
                "attestationObject": encoded(
                    cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
                ),
                "transports": ["internal", "hybrid"],
                "publicKeyAlgorithm": -7,
            },
        }

    def get(self, options: dict[str, Any], passkey: Passkey | None = None) -> dict[str, Any]:
        """The result of ``navigator.credentials.get()``."""
        passkey = passkey or self.passkeys[0]
        if passkey.counts is not None:
            passkey.counts += 1
        data = self._data(passkey)
        client_data = self._client_data("webauthn.get", options)
        signed = data + hashlib.sha256(client_data).digest()
        return {
            "id": encoded(passkey.id),
            "rawId": encoded(passkey.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data),
                "authenticatorData": encoded(data),
                "signature": encoded(passkey.key.sign(signed, ec.ECDSA(SHA256()))),
                "userHandle": encoded(passkey.user_handle),
            },
        }

    def _data(self, passkey: Passkey, more: int = 0) -> bytes:
        counted = (passkey.counts or 0).to_bytes(4)
        return (
            hashlib.sha256(passkey.rp_id.encode()).digest() + bytes([self.flags | more]) + counted
        )

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": False}).encode()


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
