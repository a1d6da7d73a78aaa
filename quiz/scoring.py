"""Points for answers: exact fractions, rounded half up once, at the end."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from quiz.answers import Answer, correct_share
from quiz.content import Question
from quiz.extra_time import NORMAL, scale
from quiz.record import Record

ScoringMode = Literal["speed", "accuracy"]

INSTANT_MS = 500
"""Correct answers faster than this earn full points, as in other quiz games."""


class Score(Record):
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


def score_answer(
    question: Question,
    answer: Answer,
    elapsed_ms: int,
    *,
    scoring: ScoringMode,
    shown: tuple[int, ...] = (),
    extra_time: int = NORMAL,
) -> Score:
    """Score a valid answer given `elapsed_ms` after the question opened.

    `shown` is the order in which the options were shown (see `quiz.shuffle`), and `extra_time` the
    player's factor as a percentage (see `quiz.extra_time`).
    """
    share = correct_share(question, answer, shown)
    worth, divisor = question.points, 1
    if scoring == "speed":
        worth, divisor = _speed_points(
            question.points, question.time_limit_ms, elapsed_ms, extra_time
        )
    points = _half_up(share.numerator * worth, share.denominator * divisor)
    return Score(points=points, correct=share == 1)


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
