from __future__ import annotations

from typing import Any

import pytest

from db.results import AnswerReport, PlayerReport
from gateway.export.report import QuestionFacts, answer_rows, answer_text, player_row, standing_row
from gateway.export.report import solution_text as in_words_of_solution
from gateway.export.words import Words
from quiz.answers import Answer
from quiz.content import QuestionType


def facts(kind: QuestionType = "single", number: int = 1, **changes: Any) -> QuestionFacts:
    given: dict[str, Any] = {
        "number": number,
        "type": kind,
        "text": "?",
        "options": ["Paris", "Rome", "Oslo"] if kind in ("single", "multiple", "order") else None,
        "solution": None,
        "answered": 0,
        "correct": 0,
        "share_correct": None,
        "mean_points": 0.0,
        "mean_elapsed_ms": None,
        **changes,
    }
    return QuestionFacts(**given)


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("single", 1, "Rome"),
        ("multiple", [0, 2], "Paris; Oslo"),
        ("order", [2, 0, 1], "Oslo; Paris; Rome"),
        ("boolean", 0, "True"),
        ("boolean", 1, "False"),
        ("number", 1822, 1822),
        ("number", -0.5, -0.5),
        ("text", "Rio", "Rio"),
    ],
)
def test_answers_are_formatted_for_people(
    kind: QuestionType, answer: Answer, words: object
) -> None:
    assert answer_text(facts(kind), answer) == words


@pytest.mark.parametrize(
    ("kind", "solution", "words"),
    [
        ("single", [2], "Oslo"),
        ("multiple", [0, 1], "Paris; Rome"),
        ("order", [1, 2, 0], "Rome; Oslo; Paris"),
        ("boolean", [1], "False"),
        ("number", {"value": 1822.0, "tolerance": 5.0}, "1822 ± 5"),
        ("number", {"value": 0.1, "tolerance": 0.0}, 0.1),
        ("text", {"accepted": ["Rome", "Roma"]}, "Rome; Roma"),
        ("poll", None, None),
    ],
)
def test_solutions_are_formatted_for_people(
    kind: QuestionType, solution: Any, words: object
) -> None:
    assert in_words_of_solution(facts(kind, solution=solution)) == words


def test_rows_have_empty_cells_for_missing_answers() -> None:
    questions = [facts(), facts("poll", 2, options=["Tea", "Coffee"]), facts("text", 3)]
    player = PlayerReport(
        rank=2,
        player_id="x",
        nickname="Ada",
        score=970,
        answers=(AnswerReport(0, 0, 1204, 970, True), AnswerReport(1, 1, 800, 0, False)),
    )
    assert player_row(questions, player) == [
        *(2, "Ada", 970),
        *("Paris", True, 970, 1204),
        *("Coffee", None, None, 800),
        *(None, None, None, None),
    ]
    assert answer_rows(questions, player) == [
        [2, "Ada", 1, "?", "Paris", True, 970, 1.2, None],
        [2, "Ada", 2, "?", "Coffee", None, None, 0.8, None],
    ]
    assert standing_row(player) == [2, "Ada", 970, 1, 2]


@pytest.mark.parametrize(
    ("percent", "english", "german"),
    [(100, None, None), (150, "1.5×", "1,5×"), (200, "2×", "2×"), (0, "no limit", "ohne Limit")],
)
def test_an_answer_has_its_time(percent: int, english: str | None, german: str | None) -> None:
    given = AnswerReport(0, 0, 1204, 970, True, percent)
    player = PlayerReport(1, "x", "Ada", 970, (given,))
    for words, expected in ((Words("en"), english), (Words("de"), german)):
        (row,) = answer_rows([facts()], player, words)
        assert row[-1] == expected
