"""Typed answers are other people's words: which of them are shown to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quiz.normalise import normalise
from quiz.presentation import TOP_ANSWERS, Counted, most_frequent

MAX_LISTED = 200
"""How many different answers a host can look through."""

Line = dict[str, Any]
"""`{answer, count, correct}`, as in a distribution."""


def answer_key(answer: str) -> str:
    """What an answer is moderated by: texts that count as the same are one."""
    return normalise(answer) or answer


def typed_lines(answers: Counted, accepted: Iterable[str]) -> list[Line]:
    """The typed answers, the most frequent first; right are those that equal an `accepted` one."""
    right = {normalise(text) for text in accepted}
    return [
        line | {"correct": normalise(str(line["answer"])) in right}
        for line in most_frequent(answers, MAX_LISTED)
    ]


def is_shown(line: Line, looks: Mapping[str, bool]) -> bool:
    """Whether everybody may see this answer: right ones are the author's words, of others the host
    must have said so; what the host has hidden stays hidden.
    """
    return looks.get(answer_key(str(line["answer"])), bool(line.get("correct")))


def shown_lines(lines: Iterable[Line], looks: Mapping[str, bool]) -> list[Line]:
    """The ten most frequent of those that may be seen; `lines` are the most frequent first."""
    return [line for line in lines if is_shown(line, looks)][:TOP_ANSWERS]
