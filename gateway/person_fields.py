"""Names and email addresses, as people and identity providers state them."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from quiz.limits import MAX_EMAIL_CHARS, MAX_NAME_CHARS
from quiz.visible_text import hides, piles_up

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def one_line(text: str) -> str:
    """Strip `text`. Raises `ValueError` for control characters."""
    if any(unicodedata.category(char)[0] == "C" and char != "\u200d" for char in text):
        raise ValueError("contains a control character")
    return text.strip()


def _email(text: str) -> str:
    text = one_line(text)
    if not _EMAIL.fullmatch(text):
        raise ValueError("is not an email address")
    return text


def _name(text: str) -> str:
    text = one_line(text)
    if not text:
        raise ValueError("is blank")
    if hides(text) or piles_up(unicodedata.normalize("NFC", text)):
        raise ValueError("contains invisible characters or too many accents")
    return text


AnyEmail = Annotated[str, Field(max_length=MAX_EMAIL_CHARS, examples=["ada@example.com"])]
Email = Annotated[AnyEmail, AfterValidator(_email)]
DisplayName = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["Ada"]), AfterValidator(_name)
]
