"""What is known here of the answers to the current question."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from quiz.answers import Answer


class KnownAnswer(NamedTuple):
    """An answer to the current question; both fields are None where only its existence is known."""

    answer: Answer | None
    elapsed_ms: int | None


UNSEEN = KnownAnswer(None, None)


class CurrentAnswers:
    """The answers to one question, by player. Other gateways may have taken more."""

    __slots__ = ("_by_player", "_recorded")

    def __init__(self) -> None:
        self._by_player: dict[str, KnownAnswer] = {}
        self._recorded = 0

    def __len__(self) -> int:
        return len(self._by_player)

    @property
    def players(self) -> AbstractSet[str]:
        """The players who are known to have answered."""
        return self._by_player.keys()

    @property
    def recorded(self) -> int:
        """How many answers this gateway recorded."""
        return self._recorded

    def get(self, player_id: str) -> KnownAnswer | None:
        """The player's answer, if it is known here."""
        return self._by_player.get(player_id)

    def record(self, player_id: str, answer: KnownAnswer, *, repeated: bool) -> None:
        """Take in an answer that was committed; `repeated`: it had been committed before."""
        self._by_player[player_id] = answer
        if not repeated:
            self._recorded += 1

    def learn(self, player_id: str, answer: KnownAnswer = UNSEEN) -> None:
        """Take in an answer loaded from the table, unless it is known already."""
        self._by_player.setdefault(player_id, answer)
