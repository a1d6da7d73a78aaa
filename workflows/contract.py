"""Names and types that the workflow, its activities and its callers share.

Changing a name or making a field mandatory breaks runs that are live during a deployment.
"""

from __future__ import annotations

from pydantic import Field

from quiz.content import Strict
from quiz.events import Event
from quiz.run import RunState
from quiz.snapshot import LeaderboardLine

WORKFLOW_TYPE = "quiz-run"
RUN_QUEUE = "quiz-run"
SCORING_QUEUE = "quiz-scoring"

SIGNAL_PLAYERS_JOINED = "players_joined"
SIGNAL_ALL_ANSWERED = "all_answered"

OPEN_QUESTION = "open_question"
SCORE_ANSWERS = "score_answers"
PUBLISH_STANDINGS = "publish_standings"
PUBLISH_EVENTS = "publish_events"
FINISH_RUN = "finish_run"


def workflow_id(run_id: str) -> str:
    """The id of the workflow that is the run."""
    return f"quiz-run-{run_id}"


class RunInput(Strict):
    """What a run starts with, and what it carries over when it continues as new."""

    state: RunState
    title: str
    pin: str
    quiz_id: str
    host_id: str
    applied_keys: tuple[str, ...] = ()
    """Keys of the latest host commands: Temporal's own deduplication of updates does not reach
    over continue-as-new."""
    top: tuple[LeaderboardLine, ...] = ()
    answered: int = 0


class CommandInput(Strict):
    """The one argument of every update. `key` makes a repeat harmless; only `kick` has a player."""

    key: str = Field(min_length=1, max_length=200)
    player_id: str | None = None


class PlayersJoinedInput(Strict):
    """The argument of the signal `players_joined`: how many players the run has now."""

    players: int


class AllAnsweredInput(Strict):
    """The argument of the signal `all_answered`: the 0-based question that all have answered."""

    question: int


class StepInput(Strict):
    """The argument of the activities that carry out a step: the state that owes it."""

    state: RunState


class EventsInput(Strict):
    """The argument of `publish_events`: events not yet published, and the state after the last."""

    state: RunState
    events: tuple[Event, ...]


class QuestionTimes(Strict):
    """When the question opens and closes for everyone (epoch ms)."""

    opens_at: int
    closes_at: int


class ScoreCounts(Strict):
    """How many answers the question got, how many this call scored, and how many of those
    belonged to earlier questions (a stalled gateway's late rows).
    """

    answered: int
    scored: int
    late: int


class StandingsSummary(Strict):
    """The head of the leaderboard, for the operator's view."""

    players: int
    top: tuple[LeaderboardLine, ...]


class RunResult(Strict):
    """What a finished workflow returns."""

    run_id: str
    phase: str
    players: int
    questions: int
    podium: tuple[LeaderboardLine, ...]
