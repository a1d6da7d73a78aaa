"""Hashes of tokens, which are stored in place of the tokens."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a token. Tokens are random, so they need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
