"""API tokens: format and scopes."""

from __future__ import annotations

import re
import secrets
import string
import zlib
from typing import Literal

PREFIX = "qzr_"
"""Lets secret scanners recognise our tokens."""
SECRET_CHARS = 40
CHECK_CHARS = 6
HINT_CHARS = 4

_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TOKEN = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{SECRET_CHARS}}})([0-9A-Za-z]{{{CHECK_CHARS}}})")

Scope = Literal["quizzes:read", "quizzes:write", "runs:read", "runs:write", "results:read"]

_READS: dict[str, Scope] = {
    "quizzes": "quizzes:read",
    "media": "quizzes:read",
    "runs": "runs:read",
    "commands": "runs:read",
    "results": "results:read",
}
_WRITES: dict[str, Scope] = {
    "quizzes": "quizzes:write",
    "media": "quizzes:write",
    "runs": "runs:write",
    "commands": "runs:write",
    "results": "runs:write",  # corrections rescore a run
}


def new_api_token() -> str:
    """Return a token with 238 bits of entropy and a checksum.

    The checksum rejects typing errors without a query and spares scanners false positives.
    """
    secret = "".join(secrets.choice(_LETTERS) for _ in range(SECRET_CHARS))
    return f"{PREFIX}{secret}{_checksum(secret)}"


def looks_like_api_token(text: str) -> bool:
    """Whether `text` is well-formed."""
    match = _TOKEN.fullmatch(text)
    return match is not None and match[2] == _checksum(match[1])


def needed_scope(tag: str, *, reads: bool) -> Scope | None:
    """Return the scope that a route with this tag requires; None if API tokens may not use it."""
    return (_READS if reads else _WRITES).get(tag)


def _checksum(secret: str) -> str:
    value, letters = zlib.crc32(secret.encode()), ""
    for _ in range(CHECK_CHARS):
        value, digit = divmod(value, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters
