"""Snapshots of runs, carried by every run event and stored in Redis and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quiz.presentation import PublicQuestion
from quiz.ranking import Standing
from quiz.record import Record
from quiz.run import Phase, RunState

LEADERBOARD_LINES = 10
PODIUM_LINES = 3


class LeaderboardLine(Record):
    """A line of the leaderboard, as clients see it."""

    rank: int
    nickname: str
    score: int


def lines(ranked: Sequence[Standing], count: int) -> list[LeaderboardLine]:
    """Return the first `count` standings as leaderboard lines."""
    return [
        LeaderboardLine(rank=line.rank, nickname=line.nickname, score=line.score)
        for line in ranked[:count]
    ]


class Reveal(Record):
    """The part of a reveal that is the same for all players.

    `answered` counts the answers, `correct` the fully correct ones; None if unscored.
    """

    question: int
    solution: Any
    explanation: str | None = None
    distribution: list[Any]
    answered: int | None = None
    correct: int | None = None
    leaderboard: list[LeaderboardLine]

    def without(self, nickname: str) -> Reveal:
        """Return the reveal without this player; others keep their ranks until the next one."""
        kept = [line for line in self.leaderboard if line.nickname != nickname]
        return self.model_copy(update={"leaderboard": kept})


class Outcome(Record):
    """The part of a run's final result that is the same for all players."""

    podium: list[LeaderboardLine]
    leaderboard: list[LeaderboardLine]
    players: int

    @classmethod
    def of(cls, ranked: Sequence[Standing]) -> Outcome:
        """Build the outcome from the final standings."""
        return cls(
            # without points nobody wins: only polls, or a run that ended before any answer
            podium=[line for line in lines(ranked, PODIUM_LINES) if line.score > 0],
            leaderboard=lines(ranked, LEADERBOARD_LINES),
            players=len(ranked),
        )


class RunSnapshot(Record):
    """A run as of `state.version`.

    `question` is set while one is open or revealed, `reveal` only in the reveal phase (it holds the
    solution), and `outcome` once the run is over.
    """

    state: RunState
    title: str
    pin: str
    host_id: str
    language: str | None = None
    """The quiz's language as a BCP 47 tag; None in snapshots of the previous release."""
    question: PublicQuestion | None = None
    reveal: Reveal | None = None
    outcome: Outcome | None = None


def abandoned(snapshot: RunSnapshot, outcome: Outcome) -> RunSnapshot:
    """Return a new version of the snapshot that cancels a run without a workflow."""
    state = snapshot.state.model_copy(
        update={
            "version": snapshot.state.version + 1,
            "phase": Phase.CANCELLED,
            "due": None,
            "deadline_at": None,
            "paused_at": None,
            "remaining_ms": None,
            "expires_at": None,
            "expiring": False,
            "standings_version": snapshot.state.version + 1,
        }
    )
    return snapshot.model_copy(
        update={"state": state, "question": None, "reveal": None, "outcome": outcome}
    )
