"""Match the questions of several versions of one quiz, to compare their runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from quiz.content import Question, Quiz


def same_questions(quizzes: Sequence[Quiz]) -> list[list[int | None]]:
    """Return one row per distinct question: its index in each quiz, or None where it is missing.

    Questions match when their type, text and options are equal; the solution may differ. Rows
    follow the order of the first quiz that has the question.
    """
    rows: dict[Hashable, list[int | None]] = {}
    for place, quiz in enumerate(quizzes):
        seen: Counter[Hashable] = Counter()
        for index, question in enumerate(quiz.questions):
            identity = _identity(question)
            seen[identity] += 1  # one quiz may ask the same question twice
            row = rows.setdefault((identity, seen[identity]), [None] * len(quizzes))
            row[place] = index
    return list(rows.values())


def _identity(question: Question) -> Hashable:
    options = sorted(str(option) for option in getattr(question, "options", ()))
    return (question.type, question.text.strip(), tuple(options))
