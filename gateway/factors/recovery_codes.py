"""Recovery codes: made, and reduced to what is stored of them."""

from __future__ import annotations

import hashlib
import secrets

HOW_MANY = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
_GROUPS = 3
_GROUP_CHARS = 4


def new_codes() -> list[str]:
    """Fresh codes such as ``7kq2-m9xd-p4wz``, of 59 bits each."""
    return [_new_code() for _ in range(HOW_MANY)]


def code_hash(account_id: str, code: str) -> bytes:
    """What is stored of a code, in whatever case and grouping it was typed.

    A fast hash is enough for what is random, and it outlives a change of the server's secret.
    """
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(f"recovery code {account_id} {plain}".encode()).digest()


def _new_code() -> str:
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
