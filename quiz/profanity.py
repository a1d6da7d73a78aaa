"""Nicknames that do not belong on a school's screen, by the word lists of glin-profanity.

Whole words only: parts of words would block Scunthorpe. Only words of the quiz's language and of
English count, because many are harmless in another one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from glin_profanity import Filter

from quiz.errors import ErrorCode, QuizrunError

if TYPE_CHECKING:
    from glin_profanity.types.types import Language

_LISTS: dict[str, Language] = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
}
_MISSING = {
    "en": "motherfucker motherfuckers fuckyou fuckoff wanker wankers dickhead cocksuckers "
    "hitler heil nazi nazis kkk",
    "de": "ficker fickt gefickt fickdich arschgeige arschlöcher wixer wixxer hurensöhne nutten "
    "schlampen missgeburt spast spasti scheisse kackvogel fotzen",
    "fr": "salop salopes putains putes enculer niquer nique ntm bougnoule connards pd tapettes",
    "es": "pendejo pendeja pendejos joder jodete cabrona cabrones putas puto putos maricones coños "
    "chinga chingar",
}
"""Forms that the lists lack."""
_INNOCENT = {
    "en": "bonner boner butt hooker kike lolita lübs santorum snatch coon scat skeet spunk guro "
    "bs mf simp xx sucks suck wtf omfg lmfao stfu domination escort hardcore playboy busty eunuch "
    "swinger topless twink vibrator",
    "de": "dick fratze ische kimme mose mufti nackt popel rosette möpse bratze bonze",
    "fr": "baiser bander bitte bosser cailler con conn folle gerber gerbe gueule jouir meuf peter "
    "pipi caca ramoner tanche teuf trique veuve drague bourrée bourré",
    "es": "asno asesinato concha drogas esperma heroína infierno marica maldito martillo orina "
    "pis trio caca maciza pinche racista idiota",
}
"""Words of the lists under which people are known or that a class may laugh about."""
_SEPARATED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|[\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")


@lru_cache(maxsize=5_000)
def is_profane(text: str, language: str) -> bool:
    """Return whether a short text is profane in English or in the quiz's `language`.

    Sees through digits for letters, spacing, stretching, and letters of other scripts.
    """
    words = _filter(language if language in _LISTS else "en")
    # The library takes an accented letter for the end of a word.
    plain = text if text.isascii() else _without_accents(text)
    plain = _TOKEN.sub(_without_number, plain)
    if words.is_profane(plain):
        return True
    parts = _SEPARATED.sub(" ", plain).strip()
    return parts != plain and words.is_profane(parts)


def check_suitable(nickname: str, language: str) -> None:
    """Raise `nickname_unsuitable` for a profane nickname."""
    if is_profane(nickname, language):
        raise QuizrunError(ErrorCode.NICKNAME_UNSUITABLE, "Please choose another nickname.")


def _without_number(token: re.Match[str]) -> str:
    """Drop what is a number rather than a word: Player 455 would be read as “ass”."""
    found = token[0]
    digits = sum(char.isdigit() for char in found)
    return "" if digits >= len(found) - digits else found


def _without_accents(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text)
    return "".join(char for char in spelt if not unicodedata.combining(char))


@lru_cache(maxsize=4)
def _filter(language: str) -> Filter:
    languages = dict.fromkeys(("en", language))
    return Filter(
        {
            "languages": [_LISTS[one] for one in languages],
            "custom_words": [word for one in languages for word in _MISSING[one].split()],
            "ignore_words": [
                spelt
                for one in languages
                for word in _INNOCENT[one].split()
                for spelt in (word, _without_accents(word))
            ],
            "detect_leetspeak": True,
            "normalize_unicode": True,
            "obfuscation": "standard",
        }
    )
