"""Skeletons of nicknames, by which name bans match lookalikes.

After the skeletons of UTS 39: names with the same skeleton are easily confused. The comparison is
looser than the one for uniqueness (`quiz.nickname`): a removed player will try a lookalike, while
two strangers may well be called Ann and Änn.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = {
    "a": "ɑαаᎪᏎᗅꓮ",
    "b": "ƅȣβвьᏏᏮᏴᑲᖯᗷⳓꓐꞵ",
    "c": "сᏟᴄⲥꓚ𐐽",
    "d": "ðđԁᎠᏧᑯᗞᗪꓒꓓ",
    "e": "ȝɜʒеҽӡᎬⳍⴹꓰꝫꬲ",
    "f": "ϝքᖴẝꓝꞙꬵ",
    "g": "ƍɡԍցᏀᏳᶃⳋꓖꝯ",
    "h": "ħнһհᎻᏂᕼⲏꓧ",
    "j": "ʝϳјᎫᒍꓙ",
    "k": "κкᏦⲕꓗ",
    "l": "iıłǀɩɪιλіӏᎥᏞᒪⲓⳑⵏꓡꓲꙇ𐑃",
    "m": "ϻмᎷᗰⲙꓟ",
    "n": "ηոռⲛꓠ",
    "o": "øοσоօჿᴏᴑⲟⵔꓳꬽ𐐬",
    "p": "ρрᏢᑭⲣꓑ",
    "q": "ԛգզⵕ",
    "r": "ʀᎡᎱᏒᖇᴦⲅꓣꭇꭈ",
    "s": "ƽѕտᏕᏚꓢꜱ𐑈",
    "t": "τтᎢⲧꓔ",
    "u": "ʋμυսᑌᴜꓴꞟꭎꭒ",
    "v": "νѵᏙᐯᴠⴸꓦ",
    "w": "ɯωшѡԝաᎳᏔᴡꓪ",
    "x": "χхᕁᕽ᙭᙮ⲭⵝꓫꭓ",
    "y": "ɣʏγучүყᎩᎽᶌỿⲩꓬꭚ",
    "z": "ƨζϩᏃᒿᴢꓜꙅꝛ",
}
"""Letters that look like Latin ones, in either case: a selection of Unicode's confusables.txt after
case folding, from scripts in common use. `i` and `l` are the same letter here, because I, l and 1
look alike.
"""
_LETTERS = str.maketrans(
    {lookalike: letter for letter, looks in _LOOKALIKES.items() for lookalike in looks}
)
_DIGITS = str.maketrans("0134578@$€!|", "oleastbasell")
_DIGRAPHS = (("rn", "m"), ("vv", "w"))
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
        char for char in spelt.translate(_LETTERS) if unicodedata.category(char)[0] in "LNM"
    )
    for pair, single in _DIGRAPHS:
        seen = seen.replace(pair, single)
    # A name of emoji or signs alone has no letters to compare; one of accents has nothing else.
    return unicodedata.normalize("NFKC", seen) or plain or joined


def _mark(char: str) -> bool:
    """Whether this is an accent, or a stroke through the preceding letter."""
    return unicodedata.combining(char) == 1 or unicodedata.combining(char) >= _ACCENT_CLASS
