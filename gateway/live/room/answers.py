"""What a room knows of a player's answer."""

from __future__ import annotations

from typing import NamedTuple

from quiz.answers import Answer


class KnownAnswer(NamedTuple):
    """An answer to the current question; both fields are None where only its existence is known."""

    answer: Answer | None
    elapsed_ms: int | None


UNSEEN = KnownAnswer(None, None)
