"""Nicknames: which are allowed, and when two count as the same."""

from __future__ import annotations

import unicodedata
from typing import Any

from quiz.errors import ErrorCode, QuizrunError
from quiz.limits import MAX_NICKNAME_CHARS

INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
ZERO_WIDTH_JOINER = "\u200d"  # part of emoji such as families


def clean_nickname(raw: Any) -> str:
    """Validate `raw` as a nickname of 1 to 24 characters; collapse its white space.

    Emoji and right-to-left scripts are allowed. Control characters and directional overrides are
    not: they could garble the text around the name. Raises `nickname_invalid`.
    """
    if not isinstance(raw, str):
        raise _invalid("The nickname must be text.")
    # Bound the work below; no genuine name has that much padding.
    if len(raw) > 10 * MAX_NICKNAME_CHARS:
        raise _invalid(f"The nickname must have 1 to {MAX_NICKNAME_CHARS} characters.")
    for char in raw:
        category = unicodedata.category(char)
        if category in INVISIBLE or (category == "Cf" and char != ZERO_WIDTH_JOINER):
            raise _invalid("The nickname contains a control character.")
    nickname = " ".join(unicodedata.normalize("NFC", raw).split())
    if not 1 <= len(nickname) <= MAX_NICKNAME_CHARS or not nickname_key(nickname):
        raise _invalid(f"The nickname must have 1 to {MAX_NICKNAME_CHARS} characters.")
    return nickname


def nickname_key(nickname: str) -> str:
    """Return a key that is equal for nicknames that differ only in case, width and spaces."""
    folded = unicodedata.normalize("NFKC", nickname).casefold()
    return "".join(folded.replace(ZERO_WIDTH_JOINER, "").split())


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.NICKNAME_INVALID, message)
