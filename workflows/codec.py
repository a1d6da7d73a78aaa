"""Encryption of workflow histories: arguments, results, summaries and errors.

Search attributes remain readable, because the server searches by them. The format is that of
Temporal's samples (``binary/encrypted``), so their codec servers can read it.
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
    """A payload cannot be decrypted: its key is unknown, or it was modified."""


class EncryptionCodec(PayloadCodec):
    """AES-256-GCM encryption of payloads.

    The first of `keys` (32 bytes each, by id) encrypts; all of them decrypt. To rotate keys, append
    the new key in every process, then move it to the front, and drop the old one once the last run
    that used it is past the namespace's retention.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys` must hold at least one key."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._key_id = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload together with its metadata."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload. Raises `DecryptionError`.

        Unencrypted payloads are returned unchanged: a run may be older than the first key.
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
            raise DecryptionError(f"QUIZRUN_TEMPORAL_CODEC_KEYS has no key “{key_id}”.")
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, None))
        except InvalidTag as error:
            raise DecryptionError(f"A payload cannot be decrypted with key “{key_id}”.") from error
