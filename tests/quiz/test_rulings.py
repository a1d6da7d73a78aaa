from __future__ import annotations

from typing import Any

import pytest

from quiz.content import Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.rulings import ORIGINAL, Ruling, ScoringKey, Verdict, ruling_on

WORDS = ["Paris", "Rome", "Oslo", "Bern"]
QUIZ: Quiz = parse_quiz(
    {
        "title": "Capitals",
        "questions": [
            {"text": "?", "type": "single", "options": WORDS, "correct": [0]},
            {"text": "?", "type": "multiple", "options": WORDS, "correct": [0, 1]},
            {"text": "?", "type": "poll", "options": WORDS},
            {"text": "?", "type": "number", "correct": {"value": 3, "tolerance": 1}},
            {"text": "?", "type": "text", "correct": {"accepted": ["oslo"]}},
            {"text": "?", "type": "order", "options": WORDS},
        ],
    }
)
SINGLE, MULTIPLE, POLL, NUMBER, TEXT, ORDER = range(6)


def key(index: int, ruling: Ruling = ORIGINAL) -> ScoringKey:
    return ScoringKey(QUIZ, "a seed", {index: ruling})


def earned(scoring_key: ScoringKey, index: int, answer: Any) -> tuple[int, bool]:
    """Points and whether the answer is correct, by accuracy."""
    score = scoring_key.score(index, answer, 0, "accuracy")
    return score.points, score.correct


@pytest.mark.parametrize(
    ("index", "verdict", "correct", "message"),
    [
        (SINGLE, "key", [4], "not the index"),
        (SINGLE, "key", None, "missing"),
        (SINGLE, "key", [0, 1], "at most 1"),
        (SINGLE, "void", [0], "does not take"),
        (POLL, "void", None, "not scored"),
        (NUMBER, "key", {"value": "much"}, "correct.value"),
        (TEXT, "key", {"accepted": []}, "at least 1"),
        (ORDER, "key", "abc", "option numbers"),
        (ORDER, "key", [0, 1, 2], "list all 4"),
        (ORDER, "key", [0, 1, 2, True], "option numbers"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(
    index: int, verdict: Verdict, correct: Any, message: str
) -> None:
    with pytest.raises(QuizrunError, match=message) as refused:
        ruling_on(QUIZ.questions[index], verdict, correct)
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID


def test_without_a_ruling_the_quiz_holds() -> None:
    plain = ScoringKey(QUIZ, "a seed")
    assert earned(plain, SINGLE, plain.solution(SINGLE)[0]) == (1_000, True)
    assert plain.question(TEXT) == QUIZ.questions[TEXT]
    assert plain.scored_questions == {SINGLE, MULTIPLE, NUMBER, TEXT, ORDER}


@pytest.mark.parametrize(
    ("index", "correct", "right", "wrong"),
    [
        (SINGLE, [2], 2, 0),
        (MULTIPLE, [3, 2], [2, 3], [0, 1]),
        (NUMBER, {"value": 9, "tolerance": 0}, 9, 3),
        (TEXT, {"accepted": ["Rome"]}, "rome", "oslo"),
        (ORDER, [3, 1, 0, 2], [3, 1, 0, 2], [2, 0, 1, 3]),
    ],
)
def test_another_key_counts_as_if_the_quiz_had_it(
    index: int, correct: Any, right: Any, wrong: Any
) -> None:
    ruling = ruling_on(QUIZ.questions[index], "key", correct)
    scoring_key = key(index, ruling)
    assert earned(scoring_key, index, right) == (1_000, True)
    assert not earned(scoring_key, index, wrong)[1]
    assert scoring_key.solution(index) == ruling.correct
    assert scoring_key.scored(index)


def test_a_void_question_earns_nothing_and_breaks_no_streak() -> None:
    scoring_key = key(SINGLE, ruling_on(QUIZ.questions[SINGLE], "void", None))
    assert [earned(scoring_key, SINGLE, option) for option in range(4)] == [(0, False)] * 4
    assert SINGLE not in scoring_key.scored_questions
    assert scoring_key.distribution(SINGLE, [(0, 3), (2, 1)]) == [3, 0, 1, 0]
    typed = key(TEXT, ruling_on(QUIZ.questions[TEXT], "void", None))
    assert [line["correct"] for line in typed.distribution(TEXT, [("oslo", 1)])] == [False]


def test_everybody_gets_all_points() -> None:
    scoring_key = key(MULTIPLE, ruling_on(QUIZ.questions[MULTIPLE], "everybody", None))
    assert earned(scoring_key, MULTIPLE, [0, 2]) == (1_000, True)
    typed = key(TEXT, ruling_on(QUIZ.questions[TEXT], "everybody", None))
    assert [line["correct"] for line in typed.distribution(TEXT, [("Rude", 1)])] == [True]


def test_a_distribution_follows_the_key() -> None:
    lines = key(TEXT).distribution(TEXT, [("Oslo", 3), ("Rome", 2)])
    other = key(TEXT, ruling_on(QUIZ.questions[TEXT], "key", {"accepted": ["Rome"]}))
    assert [line["correct"] for line in lines] == [True, False]
    ruled = other.distribution(TEXT, [("Oslo", 3), ("Rome", 2)])
    assert [line["correct"] for line in ruled] == [False, True]
