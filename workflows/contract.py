"""Names and types shared by the workflow, its activities and its callers.

Changing a name or adding a required field breaks runs that are live during a deployment.
"""

from __future__ import annotations

from datetime import timedelta
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
TASK_TIMEOUT = timedelta(seconds=5)
"""After how long another worker takes over the workflow task, with its local activities, of a
killed one. A live worker renews its tasks in time, however long their local activities take."""

SIGNAL_PLAYERS_JOINED = "players_joined"
SIGNAL_ALL_ANSWERED = "all_answered"
SIGNAL_EXTRA_TIMES = "extra_times"

PUBLISH_DECISIONS = "publish_decisions"
CLOSE_QUESTION = "close_question"
FINISH_RUN = "finish_run"

# Activities of runs opened by the first release (`workflows.first_release`).
OPEN_QUESTION = "open_question"
SCORE_ANSWERS = "score_answers"
PUBLISH_STANDINGS = "publish_standings"
PUBLISH_EVENTS = "publish_events"


def workflow_id(run_id: str) -> str:
    """Return the workflow id of a run."""
    return f"{_ID_PREFIX}{run_id}"


def run_id(workflow_id: str) -> str:
    """Return the run id of a workflow."""
    return workflow_id.removeprefix(_ID_PREFIX)


class RunInput(Record):
    """The input of the workflow, at its start and when it continues as new."""

    state: RunState
    title: str
    pin: str
    quiz_id: str
    host_id: str
    plan: RunPlan | None = None
    """None in runs opened by the first release, which follow its rules (ADR 10)."""
    applied_keys: tuple[str, ...] = ()
    """Idempotency keys of the latest host commands. Temporal's own deduplication of updates ends
    with continue-as-new."""
    top: tuple[LeaderboardLine, ...] = ()
    answered: int = 0


class CommandInput(Record):
    """The argument of every update. `key` makes it idempotent; only `kick` has a `player_id`."""

    key: str = Field(min_length=1, max_length=200)
    player_id: str | None = None
    changes: dict[str, Any] | None = None
    """The settings to change; only for `configure`."""


class PlayersJoinedInput(Record):
    """The argument of the signal `players_joined`: the total number of players."""

    players: int


class ExtraTimesInput(Record):
    """The argument of the signal `extra_times`.

    `longest` is the largest extra-time factor among the players, as a percentage
    (`quiz.extra_time`), as of change number `change`.
    """

    longest: int
    change: int


class AllAnsweredInput(Record):
    """The argument of the signal `all_answered`: the question (0-based) that all have answered."""

    question: int


class StepInput(Record):
    """The argument of most activities: the state as decided by the workflow."""

    state: RunState


class DecisionsInput(Record):
    """The argument of `publish_decisions`: decisions in the order of their versions."""

    decisions: tuple[Decision, ...]


class Publication(Record):
    """The result of `publish_decisions`: when the last decision's question opens (epoch ms).

    That is what was published, even if an earlier attempt decided another time; None if a later
    version has been published since.
    """

    opens_at: int | None = None


class CloseInput(Record):
    """The argument of `close_question`: the states of its two versions.

    `closing` stops accepting answers, `closed` reveals the question.
    """

    closing: RunState
    closed: RunState


class ClosedQuestion(Record):
    """The result of `close_question`: the number of answers and the top of the leaderboard."""

    answered: int
    top: tuple[LeaderboardLine, ...]


class EventsInput(Record):
    """The argument of `publish_events`: pending events, and the state after the last of them."""

    state: RunState
    events: tuple[Event, ...]


class QuestionTimes(Record):
    """The result of `open_question`: when the question opens and closes (epoch ms)."""

    opens_at: int
    closes_at: int


class StandingsSummary(Record):
    """The number of players and the top of the leaderboard, for the operator's view."""

    players: int
    top: tuple[LeaderboardLine, ...]


class RunResult(Record):
    """The result of the workflow."""

    run_id: str
    phase: str
    players: int
    questions: int
    podium: tuple[LeaderboardLine, ...]
