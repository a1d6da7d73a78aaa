"""Generated nicknames: an adjective and an animal."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from quiz import name_words as words
from quiz.limits import MAX_NICKNAME_CHARS
from quiz.nickname import nickname_key

DEFAULT_LANGUAGE = "en"
PLAIN_TRIES = 8
"""After this many names that are taken, add a number: large runs exhaust the pairs."""
MAX_NUMBER = 99


@lru_cache(maxsize=8)
def all_names(language: str) -> tuple[str, ...]:
    """Return every pair of words of at most 21 characters; English if there are none."""
    names = {"de": _german, "fr": _french, "es": _spanish}.get(language, _english)()
    longest = MAX_NICKNAME_CHARS - len(f" {MAX_NUMBER}")
    return tuple(name for name in names if len(name) <= longest)


def language_of(tag: str | None) -> str:
    """Return the language of the names for a quiz with this BCP 47 tag."""
    primary = (tag or "").lower().split("-")[0]
    return primary if primary in ("de", "fr", "es") else DEFAULT_LANGUAGE


def generated_name(language: str, seed: str, attempt: int) -> str:
    """Return name number `attempt` for this `seed`; deterministic, so joins can be repeated."""
    names = all_names(language)
    digest = hashlib.sha256(f"{seed}\n{attempt}".encode()).digest()
    name = names[int.from_bytes(digest[:8]) % len(names)]
    if attempt < PLAIN_TRIES:
        return name
    return f"{name} {2 + int.from_bytes(digest[8:12]) % (MAX_NUMBER - 1)}"


def is_generated(nickname: str, language: str) -> bool:
    """Return whether this is a generated name, with or without a number."""
    name, _, number = nickname.rpartition(" ")
    plain = name if number.isascii() and number.isdigit() and len(number) <= 2 else nickname
    return nickname_key(plain) in _keys(language)


@lru_cache(maxsize=8)
def _keys(language: str) -> frozenset[str]:
    return frozenset(map(nickname_key, all_names(language)))


def _english() -> list[str]:
    return [
        f"{kind} {animal}" for kind in words.ENGLISH_ADJECTIVES for animal in words.ENGLISH_ANIMALS
    ]


def _german() -> list[str]:
    return [
        f"{_inflected(kind, ending)} {animal}"
        for ending, animals in words.GERMAN_ANIMALS.items()
        for animal in animals
        for kind in words.GERMAN_ADJECTIVES
    ]


def _inflected(stem: str, ending: str) -> str:
    # `weise` and `leise` already end in e
    return (stem.removesuffix("e") + ending).capitalize()


def _french() -> list[str]:
    return _after_the_noun(words.FRENCH_ANIMALS, words.FRENCH_ADJECTIVES)


def _spanish() -> list[str]:
    return _after_the_noun(words.SPANISH_ANIMALS, words.SPANISH_ADJECTIVES)


def _after_the_noun(
    animals: tuple[list[str], list[str]], adjectives: tuple[tuple[str, str], ...]
) -> list[str]:
    return [
        f"{animal} {forms[gender]}"
        for gender in (0, 1)
        for animal in animals[gender]
        for forms in adjectives
    ]
