"""The settings, the plan and the state of a run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer

from quiz.extra_time import NORMAL, Percent
from quiz.record import Record
from quiz.safety import SafetySettings
from quiz.scoring import ScoringMode


class Phase(StrEnum):
    """The phase of a run."""

    LOBBY = "lobby"
    STARTING = "starting"
    QUESTION = "question"
    REVEAL = "reveal"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self in (Phase.FINISHED, Phase.CANCELLED)


Step = Literal["open", "score", "reveal", "close"]
"""A side effect that must complete before the run can continue: score and reveal a question, or
close the run. ``open`` and ``reveal`` occur only in runs of the first release
(`quiz.first_release`).
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
    """The settings that a host can choose for a run."""

    countdown_s: Annotated[int, Field(ge=0, le=60)] = 3
    reveal_s: Annotated[int, Field(ge=1, le=300)] = 5
    auto_advance: bool = True
    auto_start_players: Annotated[int, Field(ge=1, le=MAX_PLAYERS_LIMIT)] | None = None
    late_join: bool = True
    max_players: Annotated[int, Field(ge=1, le=MAX_PLAYERS_LIMIT)] = 20_000
    streak_bonus: bool = False
    scoring: ScoringMode = "speed"
    reading_s: Annotated[int, Field(ge=0, le=60)] | Literal["auto"] = 0
    """Reading time before a question opens; `auto` derives it from the length of its texts."""
    reveal: Literal["fixed", "auto"] = "fixed"
    """Whether a reveal lasts `reveal_s`, or as long as its explanation takes to read (≥ 10 s)."""
    timer: bool = True
    """Without a timer a question closes when all have answered or the host skips it, and speed
    earns no points."""
    leaderboard: Literal["shown", "asked", "off"] = "shown"
    """Whether players see standings after questions, only when the host shows them, or never."""
    leaderboard_every: Annotated[int, Field(ge=1, le=100)] = 1
    """Show standings after every n-th question."""
    break_every: Annotated[int, Field(ge=1, le=500)] | None = None
    """The number of questions in a round; a break follows each round. None: no breaks."""
    break_after: BreakAfter = ()
    """Question numbers, counted from 1, after which a break follows as well. Numbers beyond the end
    of the quiz have no effect."""
    break_s: Annotated[int, Field(ge=5, le=3600)] = 60
    own_extra_time: Percent = NORMAL
    """The most extra time that players may choose themselves, in percent of the time limit. 0: no
    limit; 100: no extra time."""
    phones: Literal["full", "buttons"] = "full"
    """Whether players' devices show the whole question, or only the buttons to answer it while
    texts and pictures are on the big screen."""
    rehearsal: bool = False
    """Whether the run is a rehearsal, which is marked as one and left out of all statistics. Cannot
    be changed later."""

    @property
    def effective_scoring(self) -> ScoringMode:
        """The scoring mode in effect: without a timer always ``accuracy``."""
        return self.scoring if self.timer else "accuracy"

    def stored(self) -> dict[str, Any]:
        """Return the settings as JSON, without new fields at their defaults; see `RunState`."""
        return _without(self.model_dump(mode="json"), _NEW_SETTINGS)


HOUR_MS = 3_600_000


class IdleTimeouts(Record):
    """How long a run may wait for its host before it is ended (ms)."""

    lobby_timeout_ms: int = 24 * HOUR_MS
    pause_timeout_ms: int = 12 * HOUR_MS
    reveal_timeout_ms: int = 12 * HOUR_MS
    """How long a reveal waits for the host's `next`."""
    expiry_warning_ms: int = 600_000
    """How long before the end the host is warned."""


REHEARSAL_TIMEOUT_MS = HOUR_MS


def rehearsal_timeouts(idle: IdleTimeouts) -> IdleTimeouts:
    """Return the timeouts of a rehearsal, at most an hour: only its host uses it."""
    return IdleTimeouts(
        lobby_timeout_ms=min(idle.lobby_timeout_ms, REHEARSAL_TIMEOUT_MS),
        pause_timeout_ms=min(idle.pause_timeout_ms, REHEARSAL_TIMEOUT_MS),
        reveal_timeout_ms=min(idle.reveal_timeout_ms, REHEARSAL_TIMEOUT_MS),
        expiry_warning_ms=idle.expiry_warning_ms,
    )


class QuestionPace(Record):
    """The times derived from a question's texts: reading it, and its reveal."""

    reading_ms: int = 0
    reveal_ms: int = 10_000
    slide: bool = False


class RunPlan(Record):
    """The fixed data of a run from which its times are decided."""

    time_limits_ms: tuple[int, ...]
    """The time limit of each question, in order."""
    paces: tuple[QuestionPace, ...] = ()
    """In the same order; empty in runs opened by the previous release."""
    slides: tuple[int, ...] = ()
    """The indices of slides, which extra time does not prolong."""
    idle: IdleTimeouts = IdleTimeouts()
    local_steps: bool = False
    """Whether steps that follow a deadline are local activities (ADR 52); False in runs opened
    before there were any."""
    roomy_leads: bool = False
    """Whether leads follow how long publishing takes (ADR 9); False in runs opened before."""

    def pace(self, question: int) -> QuestionPace:
        """Return the pace of a question."""
        return self.paces[question] if question < len(self.paces) else QuestionPace()


class RunState(Record):
    """The state of one run. Times are epoch milliseconds.

    `version` is incremented by every published change, so that readers of the event stream can
    detect gaps. `due` is the pending side effect.
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
    """When the clock advances the run; None while paused or waiting for the host or a step."""
    shows_at: int | None = None
    """When reading time begins, before the question opens; None if there is none."""
    opens_at: int | None = None
    closes_at: int | None = None
    paused_at: int | None = None
    remaining_ms: int | None = None
    """The time left in a paused phase; None if the phase has no clock."""
    paused_ms: int = 0
    """How long the current question has been paused; excluded from `elapsed_ms`."""
    standings_version: int = -1
    """The last version whose publication changed the standings; −1 before the first."""
    lead_ms: int = 0
    """The minimum lead of the next question; raised when publishing takes too long."""
    expires_at: int | None = None
    """When the run ends unless the host acts; None while it advances without the host."""
    expiring: bool = False
    """Whether the host has been warned of `expires_at`."""
    standings_shown: bool | None = None
    """Whether the host has shown or hidden the standings; None: neither."""
    break_ends_at: int | None = None
    """When the break after a round ends; None outside of breaks."""
    podium_at: int | None = None
    """When the podium of a finished run is shown; until then the big screen builds up to it."""
    longest_window: int = NORMAL
    """The largest extra-time factor among the players (`quiz.extra_time`); applies to the next
    question that opens."""
    extra_time_changes: int = 0
    """The number of the extra-time change that set `longest_window`."""
    last_closes_at: int | None = None
    """When the question closes for the player with the longest window; None if nobody has extra
    time. `closes_at` is when it closes for players without extra time."""

    @property
    def paused(self) -> bool:
        """Whether the clock is stopped."""
        return self.paused_at is not None

    @property
    def reading_until(self) -> int | None:
        """When the reading time of the current question ends; None if it has none."""
        if self.phase is not Phase.QUESTION or self.shows_at is None or self.opens_at is None:
            return None
        return self.opens_at + self.paused_ms

    @property
    def paused_reading(self) -> bool:
        """Whether the run was paused during the reading time."""
        until, paused_at = self.reading_until, self.paused_at
        return until is not None and paused_at is not None and paused_at < until

    @property
    def last_question(self) -> bool:
        """Whether the current question is the last."""
        return self.question + 1 >= self.question_count

    @property
    def final_phase(self) -> Phase:
        """The phase in which the run would end now: cancelled if no question was ever open."""
        return Phase.FINISHED if self.question >= 0 else Phase.CANCELLED

    @property
    def over_at(self) -> int | None:
        """When the question closes for the last player (epoch ms)."""
        return self.closes_at if self.last_closes_at is None else self.last_closes_at

    @property
    def extended(self) -> bool:
        """Whether the open question closes later for some players."""
        open_ = self.phase is Phase.QUESTION and self.due is None
        return open_ and self.last_closes_at is not None

    @property
    def extension_ms(self) -> int:
        """The time from `closes_at` to `over_at`; 0 if nobody has extra time."""
        if self.last_closes_at is None or self.closes_at is None:
            return 0
        return self.last_closes_at - self.closes_at

    @model_serializer(mode="wrap")
    def _without_defaults_of_new_fields(self, serialize: SerializerFunctionWrapHandler) -> Any:
        # The previous release rejects unknown fields, and both run side by side during a
        # deployment: leave out new fields while they have their defaults.
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
    return list(value) if isinstance(value, tuple) else value  # JSON turns tuples into lists


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
