"""Nicknames: what is allowed, and when two are the same."""

from __future__ import annotations

import unicodedata
from typing import Any

from quiz.errors import ErrorCode, QuizrunError

MAX_NICKNAME_CHARS = 24

INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
ZERO_WIDTH_JOINER = "\u200d"  # emoji such as families are built with it


def clean_nickname(raw: Any) -> str:
    """`raw` as a nickname: trimmed, runs of spaces made one, 1 to 24 characters.

    Emoji and right-to-left scripts are fine. Control characters and directional overrides, with
    which a name could disturb the lines around it, are refused. Raises `nickname_invalid`.
    """
    if not isinstance(raw, str):
        raise _invalid("The nickname must be text.")
    # Bounds the work below; a name with that much padding is not an honest one.
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
    """Equal for nicknames that look alike: without regard to case, width and spaces."""
    folded = unicodedata.normalize("NFKC", nickname).casefold()
    return "".join(folded.replace(ZERO_WIDTH_JOINER, "").split())


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.NICKNAME_INVALID, message)
