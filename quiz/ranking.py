"""Ranking with ties: 1, 2, 2, 4. Tied players are listed in the order in which they joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Total:
    """A player's total score. `number` is the player's position in the order of joining."""

    player_id: str
    nickname: str
    score: int
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of the leaderboard."""

    rank: int
    player_id: str
    nickname: str
    score: int


def standings(totals: Iterable[Total]) -> list[Standing]:
    """Rank the players, best first."""
    ordered = sorted(totals, key=lambda total: (-total.score, total.number))
    ranks = competition_ranks([total.score for total in ordered])
    return [
        Standing(rank, total.player_id, total.nickname, total.score)
        for rank, total in zip(ranks, ordered, strict=True)
    ]


def competition_ranks(scores: Sequence[int]) -> list[int]:
    """Return the ranks of `scores`, which must be in descending order; ties share a rank."""
    ranks: list[int] = []
    for index, score in enumerate(scores):
        tied = index > 0 and scores[index - 1] == score
        ranks.append(ranks[-1] if tied else index + 1)
    return ranks
