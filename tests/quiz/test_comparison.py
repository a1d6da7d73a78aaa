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


def test_moved_questions_are_matched() -> None:
    assert same_questions([quiz("x", "y"), quiz("y", "z", "x")]) == [[0, 2], [1, 0], [None, 1]]


def test_a_question_asked_twice_counts_as_two() -> None:
    assert same_questions([quiz("x", "x"), quiz("x")]) == [[0, 0], [1, None]]


def test_questions_match_despite_another_solution_but_not_with_other_options() -> None:
    assert same_questions([quiz("x"), quiz("x", correct=[1])]) == [[0, 0]]
    assert same_questions([quiz("x"), quiz("x", options=["a", "c"])]) == [[0, None], [None, 0]]


def test_players_with_fewer_than_half_correct_need_help() -> None:
    assert [needs_help(right, 4) for right in range(5)] == [True, True, False, False, False]
    assert needs_help(0, 1)
    assert not needs_help(0, 0)
