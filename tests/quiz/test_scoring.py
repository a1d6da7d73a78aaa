from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.answers import Answer, parse_answer
from quiz.content import Question, SingleQuestion
from quiz.errors import QuizrunError
from quiz.scoring import QuestionScorer, half_up, score_answer, speed_points
from tests.quiz.examples import every_type, question


def single(points: int, time_limit_s: int) -> Question:
    return SingleQuestion(
        type="single",
        text="?",
        options=["right", "wrong"],
        correct=[0],
        points=points,
        time_limit_s=time_limit_s,
    )


@pytest.mark.parametrize(
    ("elapsed_ms", "points"),
    [(0, 1000), (499, 1000), (500, 988), (10_000, 750), (19_999, 500), (20_000, 500),
     (20_250, 500), (5_020, 875), (5_021, 874)],
)  # fmt: skip
def test_speed_points_of_a_correct_answer_to_a_20_s_question(elapsed_ms: int, points: int) -> None:
    score = score_answer(single(1000, 20), 0, elapsed_ms, scoring="speed")
    assert (score.points, score.correct) == (points, True)


def test_with_extra_time_an_answer_is_scored_by_its_place_in_the_longer_window() -> None:
    score = score_answer(single(1000, 20), 0, 20_000, scoring="speed", extra_time=200)
    assert score.points == 750


def test_accuracy_scoring_ignores_time() -> None:
    assert score_answer(single(700, 20), 0, 19_000, scoring="accuracy").points == 700


def test_a_wrong_answer_earns_nothing() -> None:
    assert score_answer(single(1000, 20), 1, 0, scoring="speed").points == 0


def test_a_partly_correct_multiple_answer_earns_a_share() -> None:
    score = score_answer(question("multiple"), [0, 1], 10_000, scoring="speed")
    assert (score.points, score.correct) == (500, False)


limits = st.integers(5, 240)
points_given = st.integers(0, 2000)


@given(points_given, limits, st.integers(0, 300_000))
def test_points_stay_between_half_and_all(points: int, limit_s: int, elapsed_ms: int) -> None:
    earned = score_answer(single(points, limit_s), 0, elapsed_ms, scoring="speed").points
    assert points / 2 <= earned <= points


@given(points_given, limits, st.integers(0, 300_000), st.integers(0, 300_000))
def test_a_later_answer_never_earns_more(points: int, limit_s: int, one: int, two: int) -> None:
    early, late = sorted((one, two))
    earned = [
        score_answer(single(points, limit_s), 0, elapsed, scoring="speed").points
        for elapsed in (early, late)
    ]
    assert earned[0] >= earned[1]


@given(points_given, limits, st.integers(500, 240_000))
def test_speed_points_follow_the_published_formula(points: int, limit_s: int, t: int) -> None:
    limit = limit_s * 1000
    elapsed = min(t, limit)
    assert speed_points(points, limit, t) == (1 - Fraction(elapsed, limit) / 2) * points


def test_halves_are_rounded_up() -> None:
    assert [half_up(Fraction(n, 2)) for n in range(6)] == [0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("asked", every_type().questions, ids=lambda one: one.type)
def test_one_scorer_gives_each_answer_its_own_score(asked: Question) -> None:
    options = len(getattr(asked, "options", ()))
    candidates: list[Any] = [0, 1, 42, 42.5, "Paris", "paris ", "Rome"]
    candidates += [
        list(picks) for n in (1, 2, options) for picks in permutations(range(options), n)
    ]
    answers = [answer for raw in candidates if (answer := valid(asked, options, raw)) is not None]
    shown = tuple(reversed(range(options)))
    scorer = QuestionScorer(asked, scoring="speed", shown=shown)
    for answer, elapsed_ms in product([*answers, *answers], (100, 2_000, 4_999)):
        alone = score_answer(asked, answer, elapsed_ms, scoring="speed", shown=shown)
        assert scorer.score(answer, elapsed_ms) == alone


def valid(asked: Question, options: int, raw: Any) -> Answer | None:
    try:
        return parse_answer(asked.type, options, raw)
    except QuizrunError:
        return None
