"""Questions of every type, and shorthands, for tests."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import settings

from quiz.content import Question, Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase, RunSettings, RunState
from quiz.window import Window

THOROUGH = settings(max_examples=4 * settings().max_examples)
"""For random sequences of commands, few of which reach the later phases."""

DOCUMENT: dict[str, Any] = {
    "title": "Every type",
    "language": "en",
    "questions": [
        {"type": "single", "text": "Capital of France?", "options": ["Paris", "Rome"],
         "correct": [0], "explanation": "Since 987."},
        {"type": "multiple", "text": "Primes?", "options": ["2", "3", "4", "5"],
         "correct": [0, 1, 3]},
        {"type": "boolean", "text": "The sun is a star.", "correct": [0]},
        {"type": "number", "text": "Year of Waterloo?",
         "correct": {"value": 1815, "tolerance": 5}},
        {"type": "text", "text": "Largest city of Brazil?",
         "correct": {"accepted": ["São Paulo", "Sampa"]}},
        {"type": "order", "text": "Oldest first", "options": ["Ur", "Rome", "Paris", "Brasília"]},
        {"type": "poll", "text": "Tea or coffee?", "options": ["Tea", "Coffee"]},
        {"type": "slide", "text": "Take a breath."},
    ],
}  # fmt: skip

OPEN = RunState(
    run_id="r",
    question_count=5,
    settings=RunSettings(),
    phase=Phase.QUESTION,
    question=1,
    opens_at=10_000,
    closes_at=30_000,
)
"""A question that takes answers from 10 to 30 s."""


def every_type() -> Quiz:
    """A quiz with one question of each type."""
    return parse_quiz(DOCUMENT)


def question(kind: str) -> Question:
    """The question of type `kind`."""
    return next(item for item in every_type().questions if item.type == kind)


def changed(kind: str, **fields: Any) -> dict[str, Any]:
    """A quiz document with a single question of type `kind`, some of its fields replaced."""
    base = next(item for item in DOCUMENT["questions"] if item["type"] == kind)
    return {"title": "Changed", "questions": [base | fields]}


def code_of(refused: QuizrunError) -> ErrorCode:
    """The code of a refusal, whose message must be a sentence for people."""
    assert re.fullmatch(r"[A-Z][a-z]* .*[a-z0-9`]\.", refused.message)
    return refused.code


def elapsed_ms(state: RunState, received_at: int) -> int | None:
    """The elapsed time of an answer to the current question; None if it does not count."""
    window = Window.of(state)
    return None if window is None else window.elapsed_ms(state.question, received_at)
