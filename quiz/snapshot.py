"""All that a reader needs to show a run: carried by every event, kept in Redis and PostgreSQL."""

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
    """A line of a leaderboard as clients see it."""

    rank: int
    nickname: str
    score: int


def lines(ranked: Sequence[Standing], count: int) -> list[LeaderboardLine]:
    """The first `count` lines as clients see them."""
    return [
        LeaderboardLine(rank=line.rank, nickname=line.nickname, score=line.score)
        for line in ranked[:count]
    ]


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

    def without(self, nickname: str) -> Reveal:
        """The reveal once this player is removed. Others keep their ranks until the next one."""
        kept = [line for line in self.leaderboard if line.nickname != nickname]
        return self.model_copy(update={"leaderboard": kept})


class Outcome(Record):
    """The common part of the end of a run."""

    podium: list[LeaderboardLine]
    leaderboard: list[LeaderboardLine]
    players: int

    @classmethod
    def of(cls, ranked: Sequence[Standing]) -> Outcome:
        """The outcome that these standings are."""
        return cls(
            # nobody wins without a point: a poll, or a run that ended before any answer
            podium=[line for line in lines(ranked, PODIUM_LINES) if line.score > 0],
            leaderboard=lines(ranked, LEADERBOARD_LINES),
            players=len(ranked),
        )


class RunSnapshot(Record):
    """A run as of `state.version`. `question` is set while one is open or revealed, `reveal` only
    in the reveal phase (never earlier: it holds the solution), `outcome` once the run is over.
    """

    state: RunState
    title: str
    pin: str
    host_id: str
    language: str | None = None
    """The quiz's language, as a BCP 47 tag; None in snapshots of the release before."""
    question: PublicQuestion | None = None
    reveal: Reveal | None = None
    outcome: Outcome | None = None


def abandoned(snapshot: RunSnapshot, outcome: Outcome) -> RunSnapshot:
    """The snapshot that cancels a run which has no workflow, as a new version."""
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
