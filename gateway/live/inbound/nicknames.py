"""The names under which a player may join."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from gateway.live.room.room import Room
from quiz.errors import QuizrunError
from quiz.generated_names import generated_name, is_generated, language_of
from quiz.nickname import clean_nickname
from quiz.profanity import check_suitable

TRIES = 24
"""Names tried one after the other, where each is taken."""


def names_for(room: Room, nickname: Any, seed: str) -> Iterator[str]:
    """Return the names to try, in order. Raises `nickname_invalid` or `nickname_unsuitable`.

    Where names are generated a client may ask for a generated one, and gets another one otherwise:
    always the same one for the same `seed`.
    """
    settings, language = room.state.settings, language_of(room.snapshot.language)
    if settings.names == "chosen":
        name = clean_nickname(nickname)
        if settings.filter_names:
            check_suitable(name, language)
        return iter([name])
    ours = (generated_name(language, f"{room.run_id}{seed}", attempt) for attempt in range(TRIES))
    wished = _wished(nickname, language)
    return iter([wished]) if wished is not None else chain(ours)


def _wished(nickname: Any, language: str) -> str | None:
    try:
        name = clean_nickname(nickname)
    except QuizrunError:
        return None
    return name if is_generated(name, language) else None
