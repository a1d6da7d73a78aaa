"""The standings of a lesson, computed from the stored answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from quiz.content import Quiz
from quiz.scoring import score_answer
from quiz.streaks import streak_bonus

TWICE = 200


class Line(NamedTuple):
    """A player's final line."""

    rank: int
    score: int


def standings(
    quiz: Quiz, stored: Mapping[tuple[int, str], tuple[Any, int]], slow: str
) -> dict[str, Line]:
    """Compute each player's line; `slow` had double time, and streaks earned a bonus."""
    players = {player for _, player in stored}
    scores = {player: _score(quiz, stored, player, slow) for player in players}
    return {
        player: Line(1 + sum(other > score for other in scores.values()), score)
        for player, score in scores.items()
    }


def _score(
    quiz: Quiz, stored: Mapping[tuple[int, str], tuple[Any, int]], player: str, slow: str
) -> int:
    score = streak = 0
    for index, question in enumerate(quiz.questions):
        given = stored.get((index, player))
        earned = given and score_answer(
            question,
            *given,
            scoring="speed",
            extra_time=TWICE if player == slow else 100,
        )
        streak = streak + 1 if earned and earned.correct else 0
        if earned:
            score += earned.points + streak_bonus(streak)
    return score
