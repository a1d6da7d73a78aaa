"""Ranks with ties: 1, 2, 2, 4. Among equals the earlier joined stands first in lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Total:
    """A player's total as stored. `number` counts the players of a run in the order they joined."""

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
    """All players ranked, best first."""
    ordered = sorted(totals, key=lambda total: (-total.score, total.number))
    ranks = competition_ranks([total.score for total in ordered])
    return [
        Standing(rank, total.player_id, total.nickname, total.score)
        for rank, total in zip(ranks, ordered, strict=True)
    ]


def competition_ranks(scores: Sequence[int]) -> list[int]:
    """The ranks of `scores`, given in descending order; equal scores share the best rank."""
    ranks: list[int] = []
    for index, score in enumerate(scores):
        tied = index > 0 and scores[index - 1] == score
        ranks.append(ranks[-1] if tied else index + 1)
    return ranks
