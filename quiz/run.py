"""The state of a run: where it stands, what is due next, and how much time is left."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer

from quiz.extra_time import NORMAL, Percent
from quiz.record import Record
from quiz.safety import SafetySettings
from quiz.scoring import ScoringMode


class Phase(StrEnum):
    """Where a run stands, as everyone sees it."""

    LOBBY = "lobby"
    STARTING = "starting"
    QUESTION = "question"
    REVEAL = "reveal"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self in (Phase.FINISHED, Phase.CANCELLED)


Step = Literal["open", "score", "reveal", "close"]
"""A side effect that the run owes before it can go on: score and reveal a question, or close the
run. ``open`` and ``reveal`` are found only in runs of the first release (`quiz.first_release`).
"""

MAX_PLAYERS_LIMIT = 100_000


def _ascending(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


BreakAfter = Annotated[
    tuple[Annotated[int, Field(ge=1, le=500)], ...],
    Field(max_length=100),
    AfterValidator(_ascending),
]


class RunSettings(SafetySettings):
    """What a host can choose for a run."""

    countdown_s: Annotated[int, Field(ge=0, le=60)] = 3
    reveal_s: Annotated[int, Field(ge=1, le=300)] = 5
    auto_advance: bool = True
    auto_start_players: Annotated[int, Field(ge=1, le=MAX_PLAYERS_LIMIT)] | None = None
    late_join: bool = True
    max_players: Annotated[int, Field(ge=1, le=MAX_PLAYERS_LIMIT)] = 20_000
    streak_bonus: bool = False
    scoring: ScoringMode = "speed"
    reading_s: Annotated[int, Field(ge=0, le=60)] | Literal["auto"] = 0
    """How long a question is shown before its answers open; `auto` by the length of its texts."""
    reveal: Literal["fixed", "auto"] = "fixed"
    """Whether a reveal lasts `reveal_s`, or as its explanation takes to read, at least 10 s."""
    timer: bool = True
    """Without one a question closes when all have answered or the host skips, and speed earns
    nothing."""
    leaderboard: Literal["shown", "asked", "off"] = "shown"
    """Standings after questions, only when the host asks for them, or for the host alone."""
    leaderboard_every: Annotated[int, Field(ge=1, le=100)] = 1
    """After how many questions standings are shown."""
    break_every: Annotated[int, Field(ge=1, le=500)] | None = None
    """How many questions a round has; a break follows each round. None: no breaks."""
    break_after: BreakAfter = ()
    """Numbers of questions, counted from 1, after which a break follows as well. What is beyond the
    quiz says nothing."""
    break_s: Annotated[int, Field(ge=5, le=3600)] = 60
    own_extra_time: Percent = NORMAL
    """The most extra time that players may take by themselves, in percent of the time limit; 0:
    all that there is, 100: none."""
    phones: Literal["full", "buttons"] = "full"
    """Whether players' devices show questions, or only what to answer them with: texts and pictures
    are on the big screen alone then."""
    rehearsal: bool = False
    """Whether the host tries the quiz out: such runs are marked, and count nowhere. Fixed from the
    start."""

    @property
    def points_for(self) -> ScoringMode:
        """What earns points: without a timer speed does not."""
        return self.scoring if self.timer else "accuracy"

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is new in this release and says nothing; see `RunState`."""
        return _without(self.model_dump(mode="json"), _NEW_SETTINGS)


HOUR_MS = 3_600_000


class IdleTimeouts(Record):
    """After how long a run that nobody touches is ended (ms)."""

    lobby_timeout_ms: int = 24 * HOUR_MS
    """How long a lobby that its host leaves alone stays open."""
    pause_timeout_ms: int = 12 * HOUR_MS
    reveal_timeout_ms: int = 12 * HOUR_MS
    """How long a reveal waits for the host's `next`."""
    expiry_warning_ms: int = 600_000
    """How long before such an end the host is warned."""


REHEARSAL_TIMEOUT_MS = HOUR_MS


def rehearsal_timeouts(idle: IdleTimeouts) -> IdleTimeouts:
    """Those of a rehearsal: nobody but its host waits for it, so it ends within the hour."""
    return IdleTimeouts(
        lobby_timeout_ms=min(idle.lobby_timeout_ms, REHEARSAL_TIMEOUT_MS),
        pause_timeout_ms=min(idle.pause_timeout_ms, REHEARSAL_TIMEOUT_MS),
        reveal_timeout_ms=min(idle.reveal_timeout_ms, REHEARSAL_TIMEOUT_MS),
        expiry_warning_ms=idle.expiry_warning_ms,
    )


class QuestionPace(Record):
    """What follows from the texts of a question: how long reading it takes, and its reveal."""

    reading_ms: int = 0
    reveal_ms: int = 10_000
    slide: bool = False


class RunPlan(Record):
    """What stays the same for a whole run and decides when it moves on."""

    time_limits_ms: tuple[int, ...]
    """The time limit of each question, in order."""
    paces: tuple[QuestionPace, ...] = ()
    """In the same order; empty in runs that the release before opened."""
    slides: tuple[int, ...] = ()
    """The questions that nobody answers: extra time does not prolong them."""
    idle: IdleTimeouts = IdleTimeouts()

    def pace(self, question: int) -> QuestionPace:
        """The times that follow from a question's texts."""
        return self.paces[question] if question < len(self.paces) else QuestionPace()


class RunState(Record):
    """Where one run stands. Times are epoch milliseconds.

    `version` grows by one with every change that others are told about, so that a reader of the
    event stream can tell a gap. `due` is the side effect that the run owes.
    """

    run_id: str
    question_count: int
    settings: RunSettings
    version: int = 0
    phase: Phase = Phase.LOBBY
    due: Step | None = None
    question: int = -1
    """The 0-based index of the current question; −1 before the first."""
    players: int = 0
    locked: bool = False
    deadline_at: int | None = None
    """When the clock moves the run on; None while paused, or where only the host or a step does."""
    shows_at: int | None = None
    """From when on the question is read, before it opens; None where it is shown as it opens."""
    opens_at: int | None = None
    closes_at: int | None = None
    paused_at: int | None = None
    remaining_ms: int | None = None
    """While paused: how long the phase would still have lasted; None in phases without a clock."""
    paused_ms: int = 0
    """How long the current question has been paused so far; never counts into `elapsed_ms`."""
    standings_version: int = -1
    """The version whose publication last changed the standings; −1 before the first."""
    lead_ms: int = 0
    """The least lead that the next question gets: it grows while publishing takes too long."""
    expires_at: int | None = None
    """When the run ends unless its host does something; None while it moves by itself."""
    expiring: bool = False
    """Whether the host has been warned of that."""
    standings_shown: bool | None = None
    """Whether the host has asked for the standings, or sent them away; None: neither."""
    break_ends_at: int | None = None
    """When the break after a round ends; None outside of breaks."""
    podium_at: int | None = None
    """When everyone sees the final result of a finished run; earlier the big screen builds up."""
    longest_window: int = NORMAL
    """The largest factor of extra time among the players (`quiz.extra_time`), for the next question
    that opens."""
    extra_time_changes: int = 0
    """The number of the change of extra times by which `longest_window` stands."""
    last_closes_at: int | None = None
    """When the question closes for the player with the longest window; `closes_at` is when it does
    for players without extra time. None where nobody has any."""

    @property
    def paused(self) -> bool:
        """Whether the clock stands still."""
        return self.paused_at is not None

    @property
    def reading_until(self) -> int | None:
        """When the answers open to the question that is being read; None where there is no
        reading phase.
        """
        if self.phase is not Phase.QUESTION or self.shows_at is None or self.opens_at is None:
            return None
        return self.opens_at + self.paused_ms

    @property
    def paused_reading(self) -> bool:
        """Whether the clock was stopped before the answers opened."""
        until, paused_at = self.reading_until, self.paused_at
        return until is not None and paused_at is not None and paused_at < until

    @property
    def last_question(self) -> bool:
        """Whether no question follows the current one."""
        return self.question + 1 >= self.question_count

    @property
    def final_phase(self) -> Phase:
        """How the run ends if it ends now: cancelled where no question was ever open."""
        return Phase.FINISHED if self.question >= 0 else Phase.CANCELLED

    @property
    def over_at(self) -> int | None:
        """When the question closes for everyone (epoch ms)."""
        return self.closes_at if self.last_closes_at is None else self.last_closes_at

    @property
    def extended(self) -> bool:
        """Whether a question is open, to some players longer than to others."""
        open_ = self.phase is Phase.QUESTION and self.due is None
        return open_ and self.last_closes_at is not None

    @property
    def extension_ms(self) -> int:
        """How much later than for players without extra time the question closes for the last."""
        if self.last_closes_at is None or self.closes_at is None:
            return 0
        return self.last_closes_at - self.closes_at

    @model_serializer(mode="wrap")
    def _without_defaults_of_new_fields(self, serialize: SerializerFunctionWrapHandler) -> Any:
        """Leave out fields that are new in this release while they say nothing: the release before
        refuses unknown fields, and both run side by side during a deployment.
        """
        fields: dict[str, Any] = serialize(self)
        fields["settings"] = _without(fields["settings"], _NEW_SETTINGS)
        return _without(fields, _NEW_FIELDS)


def _without(fields: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in fields.items()
        if name not in defaults or _comparable(value) != _comparable(defaults[name])
    }


def _comparable(value: Any) -> Any:
    """A tuple is a list in JSON."""
    return list(value) if isinstance(value, tuple) else value


def _defaults(model: type[Record], *names: str) -> dict[str, Any]:
    return {name: model.model_fields[name].default for name in names}


_NEW_SETTINGS = _defaults(
    RunSettings,
    "reading_s",
    "reveal",
    "timer",
    "leaderboard",
    "leaderboard_every",
    "break_every",
    "break_after",
    "break_s",
    "own_extra_time",
    "phones",
    "rehearsal",
    *SafetySettings.model_fields,
)
_NEW_FIELDS = _defaults(
    RunState,
    "standings_version",
    "lead_ms",
    "expires_at",
    "expiring",
    "shows_at",
    "standings_shown",
    "break_ends_at",
    "podium_at",
    "longest_window",
    "extra_time_changes",
    "last_closes_at",
)
