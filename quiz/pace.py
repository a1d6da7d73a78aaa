"""The pace of a run: reading, answering and reveal times, breaks, and when standings are shown.

The workflow knows no question texts: a `RunPlan` carries the times derived from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from quiz.content import Question, QuestionType
from quiz.run import IdleTimeouts, QuestionPace, RunPlan, RunSettings, RunState

UNTIMED_MS = 30 * 60_000
"""How long a question without a timer stays open; bounded, because every run must end."""

READING_BASE_MS = 2_000
READING_MS_PER_CHAR = 60
"""About 170 words per minute, for any age and reading from a projection."""
OPTIONS_MS_PER_CHAR = 30
"""Less than for the text: players can still read the options while the question is open."""
PICTURE_MS = 2_000
MIN_READING_MS = 3_000
MAX_READING_MS = 30_000

MIN_REVEAL_MS = 10_000
REVEAL_BASE_MS = 7_000
REVEAL_MS_PER_CHAR = 60
MAX_REVEAL_MS = 90_000

WIDE = ("W", "F")
"""East Asian widths of characters that carry as much as two or three letters."""


def auto_reading_ms(
    text: str, options: Sequence[str] = (), *, picture: bool = False, sound_ms: int = 0
) -> int:
    """Return how long a question takes to read and hear, rounded up to half a second."""
    reading = READING_BASE_MS + READING_MS_PER_CHAR * _length(text)
    reading += OPTIONS_MS_PER_CHAR * sum(_length(option) for option in options)
    reading += PICTURE_MS if picture else 0
    reading += sound_ms
    return _half_seconds(min(max(reading, MIN_READING_MS), MAX_READING_MS))


def auto_reveal_ms(explanation: str | None) -> int:
    """Return how long a reveal with this explanation lasts, rounded up to half a second."""
    reveal = REVEAL_BASE_MS + REVEAL_MS_PER_CHAR * _length(explanation or "")
    return _half_seconds(min(max(reveal, MIN_REVEAL_MS), MAX_REVEAL_MS))


def pace_of(question: Question) -> QuestionPace:
    """Derive the reading and reveal times of a question."""
    slide = question.type == "slide"
    options: Sequence[str] = getattr(question, "options", None) or ()
    return QuestionPace(
        reading_ms=0
        if slide
        else auto_reading_ms(
            question.text,
            options,
            picture=question.media is not None,
            sound_ms=(question.audio and question.audio.duration_ms) or 0,
        ),
        reveal_ms=0 if slide else auto_reveal_ms(question.explanation),
        slide=slide,
    )


def plan_of(questions: Sequence[Question], idle: IdleTimeouts) -> RunPlan:
    """Build the plan of a run with these questions."""
    return RunPlan(
        time_limits_ms=tuple(question.time_limit_ms for question in questions),
        paces=tuple(pace_of(question) for question in questions),
        slides=tuple(index for index, question in enumerate(questions) if question.type == "slide"),
        idle=idle,
        local_steps=True,
        roomy_leads=True,
    )


def reading_ms(settings: RunSettings, pace: QuestionPace) -> int:
    """Return how long a question is shown before it opens for answers."""
    if pace.slide:
        return 0
    return pace.reading_ms if settings.reading_s == "auto" else settings.reading_s * 1000


def window_ms(settings: RunSettings, pace: QuestionPace, time_limit_ms: int) -> int:
    """Return how long a question stays open.

    An untimed slide stays until the host moves on, unless the run advances automatically.
    """
    if settings.timer or (pace.slide and settings.auto_advance):
        return time_limit_ms
    return UNTIMED_MS


def untimed(settings: RunSettings, kind: QuestionType) -> bool:
    """Return whether players see no timer for a question of this kind."""
    return not settings.timer and not (kind == "slide" and settings.auto_advance)


def reveal_ms(settings: RunSettings, pace: QuestionPace) -> int | None:
    """Return how long a reveal lasts; None if the host ends it."""
    if settings.reveal == "auto" and pace.slide:
        return 0  # a slide has nothing to reveal
    if not settings.auto_advance:
        return None
    return settings.reveal_s * 1000 if settings.reveal == "fixed" else pace.reveal_ms


def revealed_ms(settings: RunSettings, kind: QuestionType, explanation: str | None) -> int | None:
    """Return `reveal_ms` for a question of this kind with this explanation."""
    slide = kind == "slide"
    pace = QuestionPace(reveal_ms=auto_reveal_ms(explanation), slide=slide)
    return reveal_ms(settings, pace)


def rounds(settings: RunSettings, question_count: int) -> int:
    """Return the number of rounds of a run; 1 without breaks."""
    return 1 + sum(_ends_round(settings, number) for number in range(1, question_count))


def break_follows(state: RunState) -> bool:
    """Return whether a break follows the current question."""
    return _ends_round(state.settings, state.question + 1) and not state.last_question


def standings_follow(state: RunState, *, scored: bool) -> bool:
    """Return whether standings follow the current question automatically.

    They do not follow polls and slides, which leave them unchanged, nor the last question, which
    the podium follows.
    """
    settings = state.settings
    return settings.leaderboard == "shown" and scored and not state.last_question and _due(state)


def players_see_leaderboard(state: RunState) -> bool:
    """Return whether the reveal of the current question includes the leaderboard for players."""
    leaderboard = state.settings.leaderboard
    asked = leaderboard != "off" and state.standings_shown is True
    return asked or (leaderboard == "shown" and _due(state))


def _ends_round(settings: RunSettings, number: int) -> bool:
    every = settings.break_every
    return number in settings.break_after or (every is not None and number % every == 0)


def _due(state: RunState) -> bool:
    return (state.question + 1) % state.settings.leaderboard_every == 0


def _length(text: str) -> int:
    """The length of a text, in letters of an alphabet."""
    return sum(2 if unicodedata.east_asian_width(char) in WIDE else 1 for char in text)


def _half_seconds(duration_ms: int) -> int:
    return -(-duration_ms // 500) * 500
