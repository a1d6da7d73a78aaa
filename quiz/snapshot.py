"""All that a reader needs to show a run: carried by every event, kept in Redis and PostgreSQL."""

from __future__ import annotations

from typing import Any

from quiz.presentation import PublicQuestion
from quiz.record import Record
from quiz.run import RunState

LEADERBOARD_LINES = 10
PODIUM_LINES = 3


class LeaderboardLine(Record):
    """A line of a leaderboard as clients see it."""

    rank: int
    nickname: str
    score: int


class Reveal(Record):
    """The common part of a reveal, alike for all players. `correct` of the `answered` answers are
    wholly right; it is None where no answer is right or wrong.
    """

    question: int
    solution: Any
    explanation: str | None = None
    distribution: list[Any]
    answered: int | None = None
    correct: int | None = None
    leaderboard: list[LeaderboardLine]


class Outcome(Record):
    """The common part of the end of a run."""

    podium: list[LeaderboardLine]
    leaderboard: list[LeaderboardLine]
    players: int


class RunSnapshot(Record):
    """A run as of `state.version`. `question` is set while one is open or revealed, `reveal` only
    in the reveal phase (never earlier: it holds the solution), `outcome` once the run is over.
    """

    state: RunState
    title: str
    pin: str
    host_id: str
    question: PublicQuestion | None = None
    reveal: Reveal | None = None
    outcome: Outcome | None = None
