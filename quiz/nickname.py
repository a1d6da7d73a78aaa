"""Nicknames: which are allowed, and when two count as the same."""

from __future__ import annotations

import unicodedata
from typing import Any

from quiz.errors import ErrorCode, QuizrunError
from quiz.limits import MAX_NICKNAME_CHARS
from quiz.visible_text import VARIATION_SELECTORS, ZERO_WIDTH_JOINER, hides, piles_up

MAX_EXPANSION = 2
"""A character that stands for many, such as U+FDFA, is as wide as they are."""
_UNSEEN = str.maketrans("", "", ZERO_WIDTH_JOINER + VARIATION_SELECTORS)


def clean_nickname(raw: Any) -> str:
    """Validate `raw` as a nickname of 1 to 24 characters; collapse its white space.

    Emoji and all scripts are allowed. Refused is what is not seen, or garbles the text around the
    name: control characters, fillers, directional overrides, piles of accents. Raises
    `nickname_invalid`.
    """
    if not isinstance(raw, str):
        raise _invalid("The nickname must be text.")
    # Bound the work below; no genuine name has that much padding.
    if len(raw) > 10 * MAX_NICKNAME_CHARS:
        raise _length_invalid()
    if hides(raw):
        raise _invalid("The nickname contains an invisible character.")
    nickname = " ".join(unicodedata.normalize("NFC", raw).split())
    if piles_up(nickname):
        raise _invalid("The nickname contains too many accents.")
    key = nickname_key(nickname)
    longest = MAX_EXPANSION * MAX_NICKNAME_CHARS
    if not 1 <= len(nickname) <= MAX_NICKNAME_CHARS or not 1 <= len(key) <= longest:
        raise _length_invalid()
    return nickname


def nickname_key(nickname: str) -> str:
    """Return a key that is equal for nicknames that differ only in case, width and spaces."""
    folded = unicodedata.normalize("NFKC", nickname).casefold()
    return "".join(folded.translate(_UNSEEN).split())


def _length_invalid() -> QuizrunError:
    return _invalid(f"The nickname must have 1 to {MAX_NICKNAME_CHARS} characters.")


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.NICKNAME_INVALID, message)
