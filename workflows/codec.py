"""Encrypts what runs leave in Temporal's histories: arguments, results, summaries, errors.

Search attributes stay readable, for the server searches them. The format is that of Temporal's own
samples (``binary/encrypted``), so that their codec servers can read it, too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
CIPHER = b"AES-256-GCM"
NONCE_BYTES = 12


class DecryptionError(Exception):
    """A payload cannot be decrypted: its key is not among ours, or it was changed."""


class EncryptionCodec(PayloadCodec):
    """AES-256-GCM. The first of `keys` (32 bytes, by id) encrypts, all of them decrypt.

    To rotate, first give every process the new key as the last one, then put it first, and drop the
    old one when the last run that used it has been forgotten (the namespace's retention).
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take at least one key."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._key_id = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload, its own metadata included."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload. One that was never encrypted is returned as it is: a run may have
        been opened before there were keys. Raises `DecryptionError`.
        """
        return [
            self._decrypt(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._key_id].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(
            metadata={
                "encoding": ENCODING,
                "encryption-cipher": CIPHER,
                "encryption-key-id": self._key_id.encode(),
            },
            data=nonce + sealed,
        )

    def _decrypt(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get("encryption-key-id", b"").decode(errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DecryptionError(f"There is no key “{key_id}” in QUIZRUN_TEMPORAL_CODEC_KEYS.")
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, None))
        except InvalidTag as error:
            raise DecryptionError(f"The key “{key_id}” does not fit a payload.") from error
