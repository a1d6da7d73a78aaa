"""A question as it was found, which may be incomplete, and what could not be understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from quiz.content import MAX_QUESTIONS

MAX_LINES = 20_000
MAX_FOUND = MAX_QUESTIONS

Fault = Literal[
    "answer_missing",
    "answer_unknown",
    "type_unknown",
    "number_unreadable",
    "options_many",
    "question_missing",
]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was not understood; `value` is what stands there."""

    fault: Fault
    value: str = ""


@dataclass(slots=True)
class Found:
    """A question in the native format as far as it is known, and where it began (from 1)."""

    row: int
    document: dict[str, Any]
    doubts: list[Doubt] = field(default_factory=list)
