"""Imported questions, which may be incomplete, and what could not be parsed in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

MAX_LINES = 20_000

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
    """A value that could not be parsed, or is missing."""

    fault: Fault
    value: str = ""


@dataclass(slots=True)
class ParsedQuestion:
    """A question in the native format, possibly incomplete; `row` is where it began (from 1)."""

    row: int
    document: dict[str, Any]
    doubts: list[Doubt] = field(default_factory=list)
