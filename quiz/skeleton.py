"""Skeletons of nicknames, by which name bans match lookalikes.

The comparison is looser than those for uniqueness (`quiz.nickname`, `quiz.lookalikes`): a removed
player will try anything, while two strangers may well be called Ann and Änn.
"""

from __future__ import annotations

import re
import unicodedata

from quiz.lookalikes import looks

_DIGITS = str.maketrans("0134578@$€!|", "oleastbasell")
_MERGED = str.maketrans(
    dict(zip("iĸᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "lkabcdefghljklnoprstuvwyz", strict=True)) | {"ᴍ": "rn"}
)
"""I looks like l, and i like ı. Small capitals, which small Cyrillic letters look like."""
_DIGITS_BEFORE_LETTERS = re.compile(r"[0-9@$€!|]+(?=[^\W\d_])")
"""Digits and signs that stand for letters: `T1m` and `4nna`, but not the number of `Group 4`."""
_ACCENT_CLASS = 200
"""Combining classes from here on are marks above and below, such as accents. Vowel signs and the
voicing marks of kana have lower classes, and make different letters.
"""


def skeleton(nickname: str) -> str:
    """Return a key that is equal for lookalike names; never empty.

    Ignores case, width, accents, spaces and punctuation, letters of other scripts that look Latin,
    and digits in place of letters.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", nickname).casefold())
    joined = "".join(folded.split())
    plain = "".join(char for char in joined if not _mark(char))
    spelt = _DIGITS_BEFORE_LETTERS.sub(lambda found: found[0].translate(_DIGITS), plain)
    seen = "".join(
        char
        for char in looks(spelt).translate(_MERGED)
        if unicodedata.category(char)[0] in "LNM" and not _mark(char)
    )
    # A name of emoji or signs alone has no letters to compare; one of accents has nothing else.
    return unicodedata.normalize("NFKC", seen) or plain or joined


def _mark(char: str) -> bool:
    """Whether this is an accent, or a stroke through the preceding letter."""
    return unicodedata.combining(char) == 1 or unicodedata.combining(char) >= _ACCENT_CLASS
