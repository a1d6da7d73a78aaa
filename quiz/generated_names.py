"""Friendly names for runs in which players do not choose their own: an adjective and an animal."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from quiz import name_words as words
from quiz.nickname import MAX_NICKNAME_CHARS, nickname_key

DEFAULT_LANGUAGE = "en"
PLAIN_TRIES = 8
"""After so many names that others have, a number is added: large rooms run out of pairs."""
MOST_NUMBER = 99


@lru_cache(maxsize=8)
def all_names(language: str) -> tuple[str, ...]:
    """Every pair of words, of 21 characters at most; English for languages without words."""
    names = {"de": _german, "fr": _french, "es": _spanish}.get(language, _english)()
    longest = MAX_NICKNAME_CHARS - len(f" {MOST_NUMBER}")
    return tuple(name for name in names if len(name) <= longest)


def language_of(tag: str | None) -> str:
    """The language whose words a quiz with this BCP 47 tag gets."""
    primary = (tag or "").lower().split("-")[0]
    return primary if primary in ("de", "fr", "es") else DEFAULT_LANGUAGE


def generated_name(language: str, seed: str, attempt: int) -> str:
    """The name number `attempt` of whoever has this `seed`: always the same, so that a join that
    is repeated asks for the same name again.
    """
    names = all_names(language)
    digest = hashlib.sha256(f"{seed}\n{attempt}".encode()).digest()
    name = names[int.from_bytes(digest[:8]) % len(names)]
    if attempt < PLAIN_TRIES:
        return name
    return f"{name} {2 + int.from_bytes(digest[8:12]) % (MOST_NUMBER - 1)}"


def is_generated(nickname: str, language: str) -> bool:
    """Whether this is one of our names, with or without a number."""
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
    """`weise` and `leise` have their e already."""
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
