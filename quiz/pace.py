"""The pace of a run: how long a question is read, open and revealed, and when standings follow.

Pure rules on texts and settings. The workflow knows no texts: a `RunPlan` carries the times that
follow from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from quiz.content import Question, QuestionType
from quiz.run import IdleTimeouts, QuestionPace, RunPlan, RunSettings, RunState

UNTIMED_MS = 30 * 60_000
"""How long a question without a timer stays open at most, since every run ends by itself."""

READING_BASE_MS = 2_000
READING_MS_PER_CHAR = 60
"""About 170 words a minute: reading on a wall, by a class of any age."""
OPTIONS_MS_PER_CHAR = 30
"""Options are read again while the question is open."""
PICTURE_MS = 2_000
LEAST_READING_MS = 3_000
MOST_READING_MS = 30_000

LEAST_REVEAL_MS = 10_000
REVEAL_BASE_MS = 7_000
REVEAL_MS_PER_CHAR = 60
MOST_REVEAL_MS = 90_000

WIDE = ("W", "F")
"""East Asian widths of characters that say as much as two or three letters."""


def auto_reading_ms(
    text: str, options: Sequence[str] = (), *, picture: bool = False, sound_ms: int = 0
) -> int:
    """How long a question takes to read and to hear, to half a second."""
    reading = READING_BASE_MS + READING_MS_PER_CHAR * _length(text)
    reading += OPTIONS_MS_PER_CHAR * sum(_length(option) for option in options)
    reading += PICTURE_MS if picture else 0
    reading += sound_ms
    return _half_seconds(min(max(reading, LEAST_READING_MS), MOST_READING_MS))


def auto_reveal_ms(explanation: str | None) -> int:
    """How long a reveal lasts that grows with its explanation, to half a second."""
    wanted = REVEAL_BASE_MS + REVEAL_MS_PER_CHAR * _length(explanation or "")
    return _half_seconds(min(max(wanted, LEAST_REVEAL_MS), MOST_REVEAL_MS))


def pace_of(question: Question) -> QuestionPace:
    """The times that follow from a question's texts."""
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
    """The plan of a run of these questions."""
    return RunPlan(
        time_limits_ms=tuple(question.time_limit_ms for question in questions),
        paces=tuple(pace_of(question) for question in questions),
        slides=tuple(index for index, question in enumerate(questions) if question.type == "slide"),
        idle=idle,
    )


def reading_ms(settings: RunSettings, pace: QuestionPace) -> int:
    """How long a question is shown before its answers open."""
    if pace.slide:
        return 0
    return pace.reading_ms if settings.reading_s == "auto" else settings.reading_s * 1000


def window_ms(settings: RunSettings, pace: QuestionPace, time_limit_ms: int) -> int:
    """How long a question stays open. A slide without a timer waits for the host, where that is
    who decides the pace: nobody's answer can close it.
    """
    if settings.timer or (pace.slide and settings.auto_advance):
        return time_limit_ms
    return UNTIMED_MS


def untimed(settings: RunSettings, kind: QuestionType) -> bool:
    """Whether a question of this kind has no timer that players see."""
    return not settings.timer and not (kind == "slide" and settings.auto_advance)


def reveal_ms(settings: RunSettings, pace: QuestionPace) -> int | None:
    """How long a reveal lasts; None where the host ends it. A slide reveals nothing: with the
    automatic length the run goes on at once.
    """
    if settings.reveal == "auto" and pace.slide:
        return 0
    if not settings.auto_advance:
        return None
    return settings.reveal_s * 1000 if settings.reveal == "fixed" else pace.reveal_ms


def revealed_ms(settings: RunSettings, kind: QuestionType, explanation: str | None) -> int | None:
    """What `reveal_ms` says of a question of this kind, from its explanation."""
    slide = kind == "slide"
    pace = QuestionPace(reveal_ms=auto_reveal_ms(explanation), slide=slide)
    return reveal_ms(settings, pace)


def rounds(settings: RunSettings, question_count: int) -> int:
    """How many rounds a run has; 1 without breaks."""
    return 1 + sum(_ends_round(settings, number) for number in range(1, question_count))


def break_follows(state: RunState) -> bool:
    """Whether the current question is the last of its round, and another round follows."""
    return _ends_round(state.settings, state.question + 1) and not state.last_question


def standings_follow(state: RunState, *, scored: bool) -> bool:
    """Whether standings are shown after the current question without being asked for: not after
    polls and slides, which change none, nor after the last question, when the podium tells.
    """
    settings = state.settings
    return settings.leaderboard == "shown" and scored and not state.last_question and _due(state)


def players_see_leaderboard(state: RunState) -> bool:
    """Whether the reveal of the current question may tell players how others stand."""
    match state.settings.leaderboard:
        case "off":
            return False
        case "asked":
            return state.standings_shown is True
        case "shown":
            return state.standings_shown is True or _due(state)


def _ends_round(settings: RunSettings, number: int) -> bool:
    every = settings.break_every
    return number in settings.break_after or (every is not None and number % every == 0)


def _due(state: RunState) -> bool:
    return (state.question + 1) % state.settings.leaderboard_every == 0


def _length(text: str) -> int:
    """The length of a text in letters of an alphabet."""
    return sum(2 if unicodedata.east_asian_width(char) in WIDE else 1 for char in text)


def _half_seconds(duration_ms: int) -> int:
    return -(-duration_ms // 500) * 500
