"""Quizzes for short runs: every question has the minimum time limit."""

from __future__ import annotations

from typing import Any

LIMIT_S = 5
LIMIT_MS = LIMIT_S * 1000


def quiz(*questions: dict[str, Any]) -> dict[str, Any]:
    """A quiz with these questions."""
    return {"title": "Capitals", "questions": list(questions)}


def single(text: str = "Capital of France?", **more: Any) -> dict[str, Any]:
    """Correct: `Paris`, the first of three options."""
    options = ["Paris", "Rome", "Oslo"]
    return _question("single", text, **{"options": options, "correct": [0], **more})


def multiple(text: str = "Which are primes?", **more: Any) -> dict[str, Any]:
    """Correct: three of five options."""
    options = ["2", "3", "4", "5", "6"]
    return _question("multiple", text, **{"options": options, "correct": [0, 1, 3], **more})


def boolean(text: str = "The sun is a star.", **more: Any) -> dict[str, Any]:
    """Correct: true."""
    return _question("boolean", text, **{"correct": [0], **more})


def number(text: str = "Year of Waterloo?", **more: Any) -> dict[str, Any]:
    """Correct: 1815 ± 5."""
    return _question("number", text, **{"correct": {"value": 1815, "tolerance": 5}, **more})


def text(prompt: str = "Largest city of Brazil?", **more: Any) -> dict[str, Any]:
    """Correct: either of two names."""
    return _question("text", prompt, **{"correct": {"accepted": ["São Paulo", "Sampa"]}, **more})


def order(text: str = "Oldest first", **more: Any) -> dict[str, Any]:
    """Four towns to put in order."""
    return _question("order", text, **{"options": ["Ur", "Rome", "Paris", "Brasília"], **more})


def poll(text: str = "Tea or coffee?", **more: Any) -> dict[str, Any]:
    """A poll without a solution."""
    return _question("poll", text, **{"options": ["Tea", "Coffee"], **more})


def slide(text: str = "Take a breath.", **more: Any) -> dict[str, Any]:
    """A slide without answers."""
    return _question("slide", text, **more)


def _question(kind: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "text": text, "time_limit_s": LIMIT_S, **fields}
