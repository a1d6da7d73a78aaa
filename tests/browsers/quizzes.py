"""The quiz played in browsers: each way of answering once."""

from __future__ import annotations

from typing import Any

LONG_S = 60

CHOICE: dict[str, Any] = {
    "type": "single",
    "text": "Which ocean is the largest?",
    "options": ["Atlantic", "Indian", "Pacific"],
    "correct": [2],
    "time_limit_s": LONG_S,
}
SEVERAL: dict[str, Any] = {
    "type": "multiple",
    "text": "Which of these are prime?",
    "options": ["Two", "Nine", "Eleven"],
    "correct": [0, 2],
    "time_limit_s": LONG_S,
}
NUMBER: dict[str, Any] = {
    "type": "number",
    "text": "How tall is the Eiffel Tower, in metres?",
    "correct": {"value": 330, "tolerance": 10},
    "time_limit_s": LONG_S,
}
TEXT: dict[str, Any] = {
    "type": "text",
    "text": "Which animal is the heaviest alive?",
    "correct": {"accepted": ["Blue whale"]},
    "time_limit_s": LONG_S,
}
ORDER: dict[str, Any] = {
    "type": "order",
    "text": "From the smallest to the largest",
    "options": ["Malta", "Austria", "Chile"],
    "time_limit_s": LONG_S,
}


def quiz_of(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"title": "In every browser", "language": "en", "questions": list(questions)}
