"""Names and types that the workflow, its activities and its callers share.

Changing a name or making a field mandatory breaks runs that are live during a deployment.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from quiz.events import Decision
from quiz.first_release import Event
from quiz.record import Record
from quiz.run import RunPlan, RunState
from quiz.snapshot import LeaderboardLine

WORKFLOW_TYPE = "quiz-run"
_ID_PREFIX = "quiz-run-"
RUN_QUEUE = "quiz-run"
SCORING_QUEUE = "quiz-scoring"

SIGNAL_PLAYERS_JOINED = "players_joined"
SIGNAL_ALL_ANSWERED = "all_answered"
SIGNAL_EXTRA_TIMES = "extra_times"

PUBLISH_DECISIONS = "publish_decisions"
CLOSE_QUESTION = "close_question"
FINISH_RUN = "finish_run"

# Activities of runs that the first release opened (`workflows.first_release`).
OPEN_QUESTION = "open_question"
SCORE_ANSWERS = "score_answers"
PUBLISH_STANDINGS = "publish_standings"
PUBLISH_EVENTS = "publish_events"


def workflow_id(run_id: str) -> str:
    """The id of the workflow that is the run."""
    return f"{_ID_PREFIX}{run_id}"


def run_id(workflow_id: str) -> str:
    """The id of the run that the workflow is."""
    return workflow_id.removeprefix(_ID_PREFIX)


class RunInput(Record):
    """What a run starts with, and what it carries over when it continues as new."""

    state: RunState
    title: str
    pin: str
    quiz_id: str
    host_id: str
    plan: RunPlan | None = None
    """None in runs that the first release opened: they are played by its rules (ADR 10)."""
    applied_keys: tuple[str, ...] = ()
    """Keys of the latest host commands: Temporal's own deduplication of updates does not reach
    over continue-as-new."""
    top: tuple[LeaderboardLine, ...] = ()
    answered: int = 0


class CommandInput(Record):
    """The one argument of every update. `key` makes a repeat harmless; only `kick` has a player."""

    key: str = Field(min_length=1, max_length=200)
    player_id: str | None = None
    changes: dict[str, Any] | None = None
    """The settings that `configure` changes."""


class PlayersJoinedInput(Record):
    """The argument of the signal `players_joined`: how many players the run has now."""

    players: int


class ExtraTimesInput(Record):
    """The argument of the signal `extra_times`: the largest factor of extra time among the players,
    as a percentage (`quiz.extra_time`), since the change with this number.
    """

    longest: int
    change: int


class AllAnsweredInput(Record):
    """The argument of the signal `all_answered`: the 0-based question that all have answered."""

    question: int


class StepInput(Record):
    """The argument of the activities that carry out a step: the state in which it was decided."""

    state: RunState


class DecisionsInput(Record):
    """The argument of `publish_decisions`: what others must be told, in the order of versions."""

    decisions: tuple[Decision, ...]


class CloseInput(Record):
    """The argument of `close_question`: the states of its two versions.

    Under that of `closing` no more answers are taken, under that of `closed` it is revealed.
    """

    closing: RunState
    closed: RunState


class ClosedQuestion(Record):
    """How many answers a question got, and the head of the leaderboard after it."""

    answered: int
    top: tuple[LeaderboardLine, ...]


class EventsInput(Record):
    """The argument of `publish_events`: events not yet published, and the state after the last."""

    state: RunState
    events: tuple[Event, ...]


class QuestionTimes(Record):
    """What `open_question` returns: when the question opens and closes for everyone (epoch ms)."""

    opens_at: int
    closes_at: int


class ScoreCounts(Record):
    """How many answers the question got, how many this call scored, and how many of those
    belonged to earlier questions (a stalled gateway's late rows).
    """

    answered: int
    scored: int
    late: int


class StandingsSummary(Record):
    """The head of the leaderboard, for the operator's view."""

    players: int
    top: tuple[LeaderboardLine, ...]


class RunResult(Record):
    """What a finished workflow returns."""

    run_id: str
    phase: str
    players: int
    questions: int
    podium: tuple[LeaderboardLine, ...]
