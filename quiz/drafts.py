"""Quiz drafts: possibly incomplete, but bounded in size.

The questions of a draft are the editor's own objects. They are stored unchanged and never played;
only their size and shape are validated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from quiz.errors import ErrorCode, QuizrunError
from quiz.limits import MAX_QUESTIONS, MAX_TITLE_CHARS

MAX_TEXT_CHARS = 10_000
MAX_QUESTION_VALUES = 500
"""Values in one question, which has at most 12 options of a few fields each."""
MAX_LANGUAGE_CHARS = 35

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class QuizDraft:
    """The stored content of an unfinished quiz."""

    title: str
    language: str
    questions: list[dict[str, Any]]

    def document(self) -> dict[str, Any]:
        """Return the draft as a JSON object."""
        return {"title": self.title, "language": self.language, "questions": self.questions}


def parse_draft(document: Any) -> QuizDraft:
    """Validate a draft. Raises `quiz_invalid` if it is too large or malformed."""
    match document:
        case {"title": str(title), "language": str(language), "questions": list(questions)}:
            pass
        case _:
            raise _invalid("a draft has a title, a language and a list of questions")
    if len(document) > 3:
        raise _invalid("a draft has no fields other than title, language and questions")
    if len(title) > MAX_TITLE_CHARS:
        raise _invalid(f"the title has more than {MAX_TITLE_CHARS} characters")
    if len(language) > MAX_LANGUAGE_CHARS:
        raise _invalid(f"the language has more than {MAX_LANGUAGE_CHARS} characters")
    if len(questions) > MAX_QUESTIONS:
        raise _invalid(f"there are more than {MAX_QUESTIONS} questions")
    for number, question in enumerate(questions, 1):
        if not isinstance(question, dict):
            raise _invalid(f"question {number} is not an object")
        _check_values(question, f"question {number}")
    _check_values([title, language], "the draft")
    return QuizDraft(title, language, questions)


def _check_values(root: Any, where: str) -> None:
    pending, seen = [root], 0
    while pending:
        seen += 1
        if seen > MAX_QUESTION_VALUES:
            raise _invalid(f"{where} has more than {MAX_QUESTION_VALUES} values")
        match pending.pop():
            case str(text):
                if len(text) > MAX_TEXT_CHARS:
                    raise _invalid(f"{where} has a text of more than {MAX_TEXT_CHARS} characters")
                if "\0" in text or _LONE_SURROGATE.search(text):
                    raise _invalid(f"{where} has a character that cannot be stored")
            case list(items):
                pending.extend(items)
            case dict(fields):
                pending.extend(fields)
                pending.extend(fields.values())


def _invalid(reason: str) -> QuizrunError:
    return QuizrunError(ErrorCode.QUIZ_INVALID, f"The draft cannot be stored: {reason}.")
