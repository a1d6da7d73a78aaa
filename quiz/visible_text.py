"""Text that looks empty, or that spills over its neighbours.

After UTS 39, section 5.4, and the property Default_Ignorable_Code_Point of Unicode.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

ZERO_WIDTH_JOINER = "\u200d"  # part of emoji such as families
VARIATION_SELECTORS = "\ufe0e\ufe0f"  # a symbol as text or as emoji
MAX_MARKS = 4
"""Marks in a row. No orthography needs more in NFC."""
MAX_ACCENTS = 2
"""Of these, marks above, below or through the letter, which pile up."""

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the text around them, too."""

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0d\uffa0"
    "\U000e0000-\U000e0fff"  # so far: all that are ignorable, but not in the categories above
    "\u2800\ufffc\U0001d159]"  # blank in every font: Braille without dots, and placeholders
)
_SYMBOLS = frozenset({"So", "Sk", "Sm", "Po", "Nd"})
"""Categories of characters that have emoji variants, such as ♥, *, 1 and ‼."""
_MORE_SYMBOLS = "\u2139\u3030"
_STROKE, _ACCENTS = 1, 200
"""The combining classes of strokes, and from which on marks are above or below. Vowel signs have
other classes.
"""


def hides(text: str) -> bool:
    """Return whether `text` has invisible characters or bidirectional controls.

    A joiner is allowed in emoji and in scripts that need it, a variation selector after a symbol.
    """
    if text.isascii():
        return not text.isprintable()
    return bool(_HIDDEN.search(text)) or any(map(_hides, text, f" {text}"))


def _hides(char: str, before: str) -> bool:
    if char in VARIATION_SELECTORS:
        return unicodedata.category(before) not in _SYMBOLS and before not in _MORE_SYMBOLS
    if char == ZERO_WIDTH_JOINER:
        return before.isascii() or before == char
    return unicodedata.category(char) in _HIDDEN_CATEGORIES


def piles_up(text: str) -> bool:
    """Return whether combining marks pile up (“Zalgo”), repeat, or have no letter to stand on.

    `text` is in NFC.
    """
    if text.isascii():
        return False
    marks = accents = 0
    alone = True
    for char in text:
        if char in VARIATION_SELECTORS or char == ZERO_WIDTH_JOINER:
            continue
        category, place = unicodedata.category(char), unicodedata.combining(char)
        if category not in ("Mn", "Me"):
            marks = accents = 0
            alone = char == " "
            continue
        marks += 1
        accents += category == "Me" or place == _STROKE or place >= _ACCENTS
        if alone or marks > MAX_MARKS or accents > MAX_ACCENTS:
            return True
    return any(one == other and unicodedata.combining(one) for one, other in pairwise(text))
