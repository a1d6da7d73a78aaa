"""Normalisation of typed answers, to compare them with the accepted ones.

Ignored are case, accents in Latin and Greek script, full or half width, spaces, and the punctuation
of sentences. Everything else distinguishes answers: vowel signs and consonant dots of other
scripts, symbols (``C#``, ``C++``), signs and decimal points of numbers (``-5``, ``1.5``).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SHAPES = frozenset(
    f"<{name}>"
    for name in ("wide", "narrow", "small", "vertical", "initial", "medial", "final", "isolated")
)
"""Tags of Unicode decompositions into the same character in another shape."""
_MINUS = "\N{MINUS SIGN}"
_POINTS = frozenset(".,\N{ARABIC DECIMAL SEPARATOR}")
_MEANINGFUL = frozenset("#%&*@/\\_[]{}§¶†‡‰‱′″‴")
"""Classified as punctuation by Unicode, but not the punctuation of sentences."""
_APOSTROPHES = frozenset("`´\N{MODIFIER LETTER APOSTROPHE}\N{MODIFIER LETTER TURNED COMMA}")
"""Used as apostrophes, but classified as symbols and letters by Unicode."""
_TATWEEL = "\N{ARABIC TATWEEL}"
"""Stretches a word without changing it."""


@lru_cache(maxsize=10_000)
def normalise(text: str) -> str:
    """Return a form that is equal for texts that count as the same answer.

    ``" São-Paulo!"`` and ``"sao paulo"`` both become ``"saopaulo"``. Text that is all punctuation
    keeps it. The result is empty only if `text` has no visible characters.
    """
    if text.isascii() and (plain := "".join(text.casefold().split())).isalnum():
        return plain  # fast path for most answers
    chars = [char for char in _folded(text) if not _invisible(char)]
    between_digits = _between_digits(chars)
    kept = [
        "-" if char == _MINUS else char
        for place, char in enumerate(chars)
        if not char.isspace()
        and (not _punctuation(char) or place in between_digits or _begins_number(chars, place))
    ]
    return "".join(kept or (char for char in chars if not char.isspace()))


def _folded(text: str) -> str:
    """Fold case, shapes, dashes, and the accents of Latin and Greek letters."""
    if text.isascii():
        return text.casefold()
    kept = []
    accents = False
    for char in unicodedata.normalize("NFD", "".join(map(_plain, text))):
        if not unicodedata.combining(char):
            accents = _takes_accents(char)
        elif accents:
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept).casefold())


@lru_cache(maxsize=10_000)
def _plain(char: str) -> str:
    if unicodedata.category(char) == "Pd":
        return "-"
    shape, _, codes = unicodedata.decomposition(char).partition(" ")
    if shape not in _SHAPES:
        return char
    return "".join(_plain(chr(int(code, 16))) for code in codes.split())


@lru_cache(maxsize=10_000)
def _takes_accents(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("LATIN ", "GREEK "))


def _invisible(char: str) -> bool:
    """Whether this is a joiner, direction mark, soft hyphen or variation selector."""
    return not char.isascii() and (
        unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"
    )


@lru_cache(maxsize=10_000)
def _punctuation(char: str) -> bool:
    if char in _MEANINGFUL:
        return False
    return unicodedata.category(char)[0] == "P" or char in _APOSTROPHES or char == _TATWEEL


def _between_digits(chars: list[str]) -> set[int]:
    """The indices of punctuation between two digits: ``1.5``, ``10:30``, ``1, 2``."""
    between: set[int] = set()
    since: list[int] | None = None  # punctuation since the last digit
    for place, char in enumerate(chars):
        if char.isdecimal():
            between.update(since or ())
            since = []
        elif _punctuation(char):
            if since is not None:
                since.append(place)
        elif not char.isspace():
            since = None
    return between


def _begins_number(chars: list[str], place: int) -> bool:
    """Whether this is the sign or point at the start of a number: ``-5``, ``.5``, ``-€5``.

    A hyphen after a letter is not (``COVID-19``).
    """
    if chars[place] != "-" and chars[place] not in _POINTS:
        return False
    if place and unicodedata.category(chars[place - 1])[0] in "LM":
        return False
    following, second = [*chars[place + 1 : place + 3], " ", " "][:2]
    if following.isdecimal():
        return True
    if chars[place] != "-":
        return False
    point = following in _POINTS and second.isdecimal()
    return point or unicodedata.category(following) in ("Sc", "Sm")
