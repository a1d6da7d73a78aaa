"""What is stored of a token: useless to whoever reads the table."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> bytes:
    """The SHA-256 of a token, whatever text it is. Tokens are random: they need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
