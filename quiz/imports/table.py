"""Parse questions from a table with a header row and one row for each question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.assembling import Parts, assemble
from quiz.imports.parsed import ParsedQuestion
from quiz.imports.words import FIELDS, OPTION, plain
from quiz.limits import MAX_QUESTIONS

HEADER_WITHIN = 20
"""The header is among the first rows: templates begin with a few lines of instructions."""

Row = Sequence[str]


class _Columns(NamedTuple):
    fields: dict[str, int]
    options: list[int]


def questions_in_table(rows: Sequence[Row]) -> list[ParsedQuestion]:
    """Return the questions, each with its row (from 1).

    Raises `import_invalid` if there is no header, or too many questions.
    """
    header, columns = _header(rows)
    questions = []
    for number, row in enumerate(rows[header:], start=header + 1):
        parts = _parts(row, number, columns)
        if not parts.question.strip() and not any(option.strip() for option in parts.options):
            continue  # an empty row, or only a template's row number
        questions.append(assemble(parts))
        if len(questions) > MAX_QUESTIONS:
            raise too_many()
    return questions


def _header(rows: Sequence[Row]) -> tuple[int, _Columns]:
    """The header's row number (from 1), and the columns that it names."""
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        columns = _columns(row)
        if "question" in columns.fields and (columns.options or "correct" in columns.fields):
            return number, columns
    raise QuizrunError(
        ErrorCode.IMPORT_INVALID,
        "The table has no header row. Name the columns in the first row: question, option 1, "
        "option 2, correct, and optionally type, explanation, time, points.",
    )


def too_many() -> QuizrunError:
    """Return the error for more questions than a quiz can have."""
    return QuizrunError(
        ErrorCode.IMPORT_INVALID, f"A quiz has at most {MAX_QUESTIONS} questions; there are more."
    )


def _columns(row: Row) -> _Columns:
    fields: dict[str, int] = {}
    options: dict[int, int] = {}
    for at, header in enumerate(row):
        name = plain(header)
        if option := OPTION.fullmatch(name):
            place = int(option["number"]) if option["number"] else ord(option["letter"]) - 96
            options.setdefault(place, at)
        elif name in FIELDS:
            fields.setdefault(FIELDS[name], at)
    return _Columns(fields, [options[place] for place in sorted(options)])


def _parts(row: Row, number: int, columns: _Columns) -> Parts:
    def cell(at: int | None) -> str:
        return row[at] if at is not None and at < len(row) else ""

    filled = [(text, at) for at in columns.options if (text := cell(at).strip())]
    parts = Parts(number, options=[text for text, _ in filled])
    for name, at in columns.fields.items():
        setattr(parts, "kind" if name == "type" else name, cell(at))
    # `correct` names columns, but empty options are left out: renumber it
    if len(filled) < len(columns.options):
        parts.correct = _renumbered(parts.correct, [columns.options.index(at) for _, at in filled])
    return parts


def _renumbered(correct: str, places: list[int]) -> str:
    tokens = correct.replace(";", ",").split(",")
    if not all(token.strip().isdecimal() and len(token.strip()) < 3 for token in tokens):
        return correct
    picks = [int(token) - 1 for token in tokens]
    return ",".join(str(places.index(at) + 1) if at in places else "0" for at in picks)
