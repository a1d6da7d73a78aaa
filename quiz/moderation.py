"""Moderation of typed answers: which of them may be shown to everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quiz.normalise import normalise
from quiz.presentation import TOP_ANSWERS, Counted, most_frequent

MAX_LISTED = 200
"""How many distinct answers a host can review."""

Line = dict[str, Any]
"""`{answer, count, correct}`, as in `quiz.presentation.distribution`."""


def answer_key(answer: str) -> str:
    """Return the key of an answer: equal for texts that count as the same answer."""
    return normalise(answer) or answer


def typed_lines(answers: Counted, accepted: Iterable[str]) -> list[Line]:
    """Return the typed answers, most frequent first; `correct` if they equal an `accepted` one."""
    correct = {normalise(text) for text in accepted}
    return [
        line | {"correct": normalise(str(line["answer"])) in correct}
        for line in most_frequent(answers, MAX_LISTED)
    ]


def is_shown(line: Line, choices: Mapping[str, bool]) -> bool:
    """Return whether everyone may see this answer.

    `choices` maps answer keys to the host's choice, shown (true) or hidden. Without a choice only
    correct answers are shown: those are the author's words.
    """
    return choices.get(answer_key(str(line["answer"])), bool(line.get("correct")))


def shown_lines(lines: Iterable[Line], choices: Mapping[str, bool]) -> list[Line]:
    """Return the first `TOP_ANSWERS` of `lines` that everyone may see."""
    return [line for line in lines if is_shown(line, choices)][:TOP_ANSWERS]
