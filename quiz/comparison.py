"""Several runs of one quiz side by side, though the quiz may have been edited between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from quiz.content import Question, Quiz


def same_questions(quizzes: Sequence[Quiz]) -> list[list[int | None]]:
    """A row for each question of any of the quizzes, with its index in each; None where a quiz does
    not have it. Questions are the same when type, text and options are; what is right may differ.

    The rows are in the order of the first quiz that has each.
    """
    rows: dict[Hashable, list[int | None]] = {}
    for place, quiz in enumerate(quizzes):
        seen: Counter[Hashable] = Counter()
        for index, question in enumerate(quiz.questions):
            identity = _identity(question)
            seen[identity] += 1  # a question may be asked twice
            row = rows.setdefault((identity, seen[identity]), [None] * len(quizzes))
            row[place] = index
    return list(rows.values())


def _identity(question: Question) -> Hashable:
    options = sorted(str(option) for option in getattr(question, "options", ()))
    return (question.type, question.text.strip(), tuple(options))
