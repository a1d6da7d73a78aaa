"""Names that look like another one: the skeletons of UTS 39.

The data are Unicode's confusables, from the library confusable-homoglyphs.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

from quiz.visible_text import VARIATION_SELECTORS, ZERO_WIDTH_JOINER

_DISPLAY_MARK = "\u200e"  # the file has it around right-to-left characters


def looks(nickname: str) -> str:
    """Return a key that is equal for names that look alike in most fonts; never empty.

    Case is ignored as far as it can be: “I” looks like “l”, and “i” does not.
    https://www.unicode.org/reports/tr39/#Confusable_Detection
    """
    table = _prototypes()
    spelt = unicodedata.normalize("NFKD", nickname).translate(table)
    folded = unicodedata.normalize("NFKD", spelt).casefold().translate(table).casefold()
    key = "".join(unicodedata.normalize("NFC", folded).split())
    return key or nickname


@lru_cache(maxsize=1)
def _prototypes() -> dict[int, str]:
    """Return each confusable character with the text that stands for its class.

    The library lists every pair in both directions. In Unicode's file a character has one
    prototype, and a prototype none.
    """
    near: dict[str, set[str]] = {}
    for text, others in confusables_data.items():
        found = near.setdefault(text.replace(_DISPLAY_MARK, ""), set())
        found |= {other["c"].replace(_DISPLAY_MARK, "") for other in others}
    table = {
        ord(char): only
        for char, others in near.items()
        if len(char) == 1 and len(others) == 1
        for only in others
        if len(only) > 1 or len(near[only]) > 1 or char > only
    }
    return table | {ord(char): "" for char in ZERO_WIDTH_JOINER + VARIATION_SELECTORS}
