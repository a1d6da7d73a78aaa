"""Points for an answer, exact in fractions; rounded once, at the end, half up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Literal

from quiz.answers import Answer, share_right
from quiz.content import Question
from quiz.extra_time import NORMAL, scaled_ms
from quiz.record import Record

ScoringMode = Literal["speed", "accuracy"]

INSTANT_MS = 500
"""Correct answers faster than this earn all points, as players know from other quiz shows."""
STREAK_STEP = 100
STREAK_MAX = 500


class Score(Record):
    """What one answer earned: `points` without streak bonus, and whether it was wholly right."""

    points: int
    correct: bool


def half_up(value: Fraction) -> int:
    """`value` ≥ 0 rounded to a whole number, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def speed_points(
    points: int, time_limit_ms: int, elapsed_ms: int, extra_time: int = NORMAL
) -> Fraction:
    """(1 − (t / T) / 2) · P, and all of P under 500 ms. An answer in the grace time counts as T.

    With extra time (a percentage, see `quiz.extra_time`) t is measured by a slower clock: an answer
    earns what it would earn at the same place of the normal window.
    """
    elapsed = scaled_ms(elapsed_ms, extra_time)
    if elapsed < INSTANT_MS:
        return Fraction(points)
    elapsed = min(elapsed, Fraction(time_limit_ms))
    return points * (2 * time_limit_ms - elapsed) / (2 * time_limit_ms)


def score_answer(
    question: Question,
    answer: Answer,
    elapsed_ms: int,
    *,
    scoring: ScoringMode,
    shown: tuple[int, ...] = (),
    extra_time: int = NORMAL,
) -> Score:
    """The points of one valid answer that came `elapsed_ms` after the question opened.

    `extra_time` is the factor of the player's own window as a percentage (`quiz.extra_time`).
    `shown` is the order in which the options were shown (see `quiz.shuffle`).
    """
    share = share_right(question, answer, shown)
    if scoring == "speed":
        worth = speed_points(question.points, question.time_limit_ms, elapsed_ms, extra_time)
    else:
        worth = Fraction(question.points)
    return Score(points=half_up(share * worth), correct=share == 1)


def streak_bonus(streak: int) -> int:
    """The bonus of the answer that makes `streak` correct ones in a row: 0, 100, … at most 500."""
    return min(STREAK_STEP * max(0, streak - 1), STREAK_MAX)


def streaks_after(questions: Iterable[int], correct: Collection[int]) -> dict[int, int]:
    """A player's streak after each of `questions`: those that count for streaks, in the order in
    which they were asked. `correct` are the questions that the player answered correctly.
    """
    streak, after = 0, {}
    for question in questions:
        streak = streak + 1 if question in correct else 0
        after[question] = streak
    return after
