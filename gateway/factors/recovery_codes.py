"""Generate and hash recovery codes."""

from __future__ import annotations

import hashlib
import secrets

HOW_MANY = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without easily confused characters
_GROUPS = 3
_GROUP_CHARS = 4


def new_codes() -> list[str]:
    """Generate codes such as ``7kq2-m9xd-p4wz``, with 59 bits each."""
    return [_new_code() for _ in range(HOW_MANY)]


def code_hash(account_id: str, code: str) -> bytes:
    """Return the stored hash of a code, ignoring case and grouping.

    Codes are random, so a fast hash suffices. It does not depend on the server's secret, so codes
    survive a change of that.
    """
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(f"recovery code {account_id} {plain}".encode()).digest()


def _new_code() -> str:
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
