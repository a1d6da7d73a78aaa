"""Bots' answers are valid for every type, and typed input is parsed or explained."""

from __future__ import annotations

import random
from typing import Any

import pytest

from deploy.bots.answers import guess, how_to_answer, knowing, typed, written
from deploy.local.seed import sample_quizzes
from quiz.answers import correct_share, parse_answer
from quiz.content import parse_quiz
from quiz.presentation import public_question, solution
from quiz.shuffle import shown_order

QUIZZES = sample_quizzes()
SEED = "of a run"


def shown_questions() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every sample question as players receive it, with its quiz."""
    return [
        (
            public_question(question, index, len(quiz["questions"]), SEED).model_dump(
                exclude_none=True
            ),
            quiz,
        )
        for quiz in QUIZZES
        for index, question in enumerate(parse_quiz(quiz).questions)
    ]


@pytest.mark.parametrize("draw", range(5))
def test_guesses_are_valid_and_known_answers_correct(draw: int) -> None:
    rng = random.Random(draw)
    for shown, quiz in shown_questions():
        if shown["type"] == "slide":
            continue
        count = len(shown.get("options", ()))
        parse_answer(shown["type"], count, guess(shown, rng))
        answer = parse_answer(shown["type"], count, knowing(shown, quiz, rng))
        question = parse_quiz(quiz).questions[shown["question"]]
        if question.scored:
            order = shown_order(SEED, shown["question"], count)
            assert correct_share(question, answer, order) == 1, shown["text"]


def test_every_solution_can_be_formatted() -> None:
    for shown, quiz in shown_questions():
        right = solution(parse_quiz(quiz).questions[shown["question"]], shown["question"], SEED)
        if right is not None:
            assert written(shown, right)
            assert written(shown, knowing(shown, quiz, random.Random(1)))
        assert how_to_answer(shown)


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("single", " 2 ", 1),
        ("poll", "3", 2),
        ("boolean", "Yes", 0),
        ("boolean", "2", 1),
        ("multiple", "3, 1", [2, 0]),
        ("order", "3 1 2", [2, 0, 1]),
        ("number", "-12", -12),
        ("number", "3,5", 3.5),
        ("text", "  São Paulo ", "São Paulo"),
    ],
)
def test_typed_input_is_parsed(kind: str, text: str, answer: Any) -> None:
    assert typed({"type": kind, "options": ["a", "b", "c"]}, text) == answer


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("single", "4"),
        ("single", "0"),
        ("single", "1 2"),
        ("single", "a"),
        ("boolean", "3"),
        ("multiple", "1 1"),
        ("multiple", "none"),
        ("order", "1 2"),
        ("number", "many"),
        ("number", "nan"),
        ("text", "  "),
        ("slide", "1"),
    ],
)
def test_invalid_input_is_explained(kind: str, text: str) -> None:
    shown = {"type": kind, "options": ["a", "b", "c"]}
    with pytest.raises(ValueError, match=r"^(Type|Nothing)") as refused:
        typed(shown, text)
    assert str(refused.value) == how_to_answer(shown)
