"""Points for answers: exact fractions, rounded half up once, at the end."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from quiz.answers import Answer, correct_share
from quiz.content import Question
from quiz.extra_time import NORMAL, scale
from quiz.record import Record

ScoringMode = Literal["speed", "accuracy"]

INSTANT_MS = 500
"""Correct answers faster than this earn full points, as in other quiz games."""


class Score(NamedTuple):
    """The score of one answer: `points` without streak bonus, and whether it is fully correct."""

    points: int
    correct: bool


class ScoreCounts(Record):
    """The number of answers to the question, how many this attempt scored, and how many of those
    belonged to earlier questions (late rows of a stalled gateway).
    """

    answered: int
    scored: int
    late: int


def half_up(value: Fraction) -> int:
    """Round `value` ≥ 0 to a whole number, halves up."""
    return _half_up(value.numerator, value.denominator)


def speed_points(
    points: int, time_limit_ms: int, elapsed_ms: int, extra_time: int = NORMAL
) -> Fraction:
    """Return (1 − (t / T) / 2) · P, or P if t is under `INSTANT_MS`; t is capped at T.

    With extra time (a percentage, see `quiz.extra_time`) t is scaled to the normal window: an
    answer halfway through a longer window earns what one halfway through the normal window does.
    """
    return Fraction(*_speed_points(points, time_limit_ms, elapsed_ms, extra_time))


class QuestionScorer:
    """Scores the answers to one question. What depends on the answer alone is worked out once for
    each that was given.
    """

    def __init__(
        self, question: Question, *, scoring: ScoringMode, shown: tuple[int, ...] = ()
    ) -> None:
        """`shown` is the order in which the options were shown (see `quiz.shuffle`)."""
        self._question = question
        self._by_speed = scoring == "speed"
        self._shown = shown
        self._shares: dict[int | float | str | tuple[int, ...], tuple[int, int]] = {}

    def score(self, answer: Answer, elapsed_ms: int, extra_time: int = NORMAL) -> Score:
        """Score a valid answer given `elapsed_ms` after the question opened.

        `extra_time` is the player's factor as a percentage (see `quiz.extra_time`).
        """
        question = self._question
        share, whole = self._share(answer)
        worth, divisor = question.points, 1
        if self._by_speed:
            worth, divisor = _speed_points(
                question.points, question.time_limit_ms, elapsed_ms, extra_time
            )
        return Score(_half_up(share * worth, whole * divisor), share == whole)

    def _share(self, answer: Answer) -> tuple[int, int]:
        key = tuple(answer) if isinstance(answer, list) else answer
        share = self._shares.get(key)
        if share is None:
            correct = correct_share(self._question, answer, self._shown)
            share = self._shares[key] = correct.numerator, correct.denominator
        return share


def score_answer(
    question: Question,
    answer: Answer,
    elapsed_ms: int,
    *,
    scoring: ScoringMode,
    shown: tuple[int, ...] = (),
    extra_time: int = NORMAL,
) -> Score:
    """Score one answer; see `QuestionScorer`."""
    return QuestionScorer(question, scoring=scoring, shown=shown).score(
        answer, elapsed_ms, extra_time
    )


# Numerators and denominators: normalising a `Fraction` after each operation takes five times as
# long as all the rest.
def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _speed_points(
    points: int, time_limit_ms: int, elapsed_ms: int, extra_time: int
) -> tuple[int, int]:
    factor = scale(extra_time)
    elapsed = elapsed_ms * 100  # in units of 1/factor ms
    if elapsed < INSTANT_MS * factor:
        return points, 1
    limit = time_limit_ms * factor
    return points * (2 * limit - min(elapsed, limit)), 2 * limit
