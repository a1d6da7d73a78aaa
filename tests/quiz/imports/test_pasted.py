"""Questions as teachers paste them."""

from __future__ import annotations

from typing import Any

import pytest

from quiz.content import parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.pasted import questions_in_text


def documents(text: str) -> list[dict[str, Any]]:
    found = questions_in_text(text)
    assert [doubt for one in found for doubt in one.doubts] == []
    questions = [one.document for one in found]
    parse_quiz({"title": "Pasted", "questions": questions})
    return questions


def test_a_quiz_pasted_from_a_word_processor() -> None:
    first, second, third = documents(
        "1. Capital of France?\n"
        "a) Rome\n"
        "*b) Paris\n"
        "c) Madrid\n"
        "Explanation: Since 987.\n"
        "Time: 30\n"
        "\n"
        "2) Which are primes?\n"
        "- 2 *\n"
        "- 4\n"
        "- *5\n"
        "3. The sun is a star.\n"
        "Answer: true\n"
    )
    assert first == {
        "type": "single",
        "text": "Capital of France?",
        "options": ["Rome", "Paris", "Madrid"],
        "correct": [1],
        "explanation": "Since 987.",
        "time_limit_s": 30,
    }
    assert (second["type"], second["correct"]) == ("multiple", [0, 2])
    assert third == {"type": "boolean", "text": "The sun is a star.", "correct": [0]}


@pytest.mark.parametrize(
    ("options", "correct"),
    [
        ("A. x\nB. y\nANSWER: B", [1]),  # Aiken, as Moodle writes it
        ("- x\n* y\n- z", [1]),
        ("[ ] x\n[x] y", [1]),
        ("(a) x\n(b) *y", [1]),
        ("• x\n• y*", [1]),
        ("a) x\nb) y\nRichtig: b", [1]),
        ("a) x\nb) y\nBonne réponse : y", [1]),
        ("a) x\nb) y\nRespuestas correctas: a, b", [0, 1]),
    ],
)  # fmt: skip
def test_the_right_options_are_marked_in_many_ways(options: str, correct: list[int]) -> None:
    (asked,) = documents(f"Which?\n{options}")
    assert asked["options"] == ["x", "y", *(["z"] if "z" in options else [])]
    assert asked["correct"] == correct


def test_typed_answers() -> None:
    number, words = documents(
        "How many?\nAnswer: 1,5\nTolerance: 0.5\n\nWho?\nAnswer: Ada | Lovelace"
    )
    assert number["correct"] == {"value": 1.5, "tolerance": 0.5}
    assert words["correct"] == {"accepted": ["Ada", "Lovelace"]}


def test_code_keeps_its_blank_lines_and_dashes() -> None:
    code = "```python\nx = 1\n\n- y\n    print(x)\n```"
    (asked,) = documents(f"What is printed?\n{code}\na) 1 *\nb) 2")
    assert asked["text"] == f"What is printed?\n{code}"


def test_an_option_may_be_code() -> None:
    (asked,) = documents("Which prints 1?\na) This:\n```\nprint(1)\n```\n*b) Neither")
    assert asked["options"] == ["This:\n```\nprint(1)\n```", "Neither"]


def test_a_star_alone_marks_a_correct_option() -> None:
    (asked,) = documents("Capital?\n- Rome\n*Paris")
    assert (asked["options"], asked["correct"]) == (["Rome", "Paris"], [1])


def test_parsing_problems_are_reported_with_their_line() -> None:
    first, second, third = questions_in_text(
        "Which?\na) x\nb) y\n\n\nWhich?\na) x\nb) y\nAnswer: z\nTime: soon\n\nAlone?"
    )
    assert [doubt.fault for doubt in first.doubts] == ["answer_missing"]
    assert [(doubt.fault, doubt.value) for doubt in second.doubts] == [
        ("answer_unknown", "z"),
        ("number_unreadable", "soon"),
    ]
    assert (second.row, third.row) == (6, 12)
    assert [doubt.fault for doubt in third.doubts] == ["answer_missing"]


def test_too_many_questions_are_refused() -> None:
    for text in ("Q?\n- a\n- b *\n\n" * 501, "\n" * 20_001):
        with pytest.raises(QuizrunError) as refused:
            questions_in_text(text)
        assert refused.value.code is ErrorCode.IMPORT_INVALID
