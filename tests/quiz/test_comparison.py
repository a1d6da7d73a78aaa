from __future__ import annotations

from typing import Any

from quiz.comparison import same_questions
from quiz.content import Quiz, parse_quiz
from quiz.needing_help import needs_help


def quiz(*texts: str, **changes: Any) -> Quiz:
    questions = [
        {"type": "single", "text": text, "options": ["a", "b"], "correct": [0], **changes}
        for text in texts
    ]
    return parse_quiz({"title": "T", "questions": questions})


def test_questions_are_found_again_where_they_were_moved() -> None:
    assert same_questions([quiz("x", "y"), quiz("y", "z", "x")]) == [[0, 2], [1, 0], [None, 1]]


def test_a_question_asked_twice_is_two() -> None:
    assert same_questions([quiz("x", "x"), quiz("x")]) == [[0, 0], [1, None]]


def test_another_key_is_the_same_question_and_other_options_are_another() -> None:
    assert same_questions([quiz("x"), quiz("x", correct=[1])]) == [[0, 0]]
    assert same_questions([quiz("x"), quiz("x", options=["a", "c"])]) == [[0, None], [None, 0]]


def test_who_is_right_at_fewer_than_half_needs_help() -> None:
    assert [needs_help(right, 4) for right in range(5)] == [True, True, False, False, False]
    assert needs_help(0, 1)
    assert not needs_help(0, 0)
