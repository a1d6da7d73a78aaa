"""A table with a row for each question, and a header that says what its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.assembling import Parts, assemble
from quiz.imports.found import MAX_FOUND, Found
from quiz.imports.words import FIELDS, OPTION, plain

HEADER_WITHIN = 20
"""Templates begin with a few lines of instructions."""

Row = Sequence[str]


class _Columns(NamedTuple):
    fields: dict[str, int]
    options: list[int]


def questions_in_table(rows: Sequence[Row]) -> list[Found]:
    """The questions, each with its row (from 1). Raises `import_invalid` without a header, and
    with more questions than a quiz has.
    """
    header, columns = _header(rows)
    found = []
    for number, row in enumerate(rows[header:], start=header + 1):
        parts = _parts(row, number, columns)
        if not parts.question.strip() and not any(option.strip() for option in parts.options):
            continue  # an empty row, or a template's number alone
        found.append(assemble(parts))
        if len(found) > MAX_FOUND:
            raise too_many()
    return found


def _header(rows: Sequence[Row]) -> tuple[int, _Columns]:
    """The number of the row that names the columns, and what they are."""
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        columns = _columns(row)
        if "question" in columns.fields and (columns.options or "correct" in columns.fields):
            return number, columns
    raise QuizrunError(
        ErrorCode.IMPORT_INVALID,
        "No row says what the columns are. Name them in the first one: question, option 1, "
        "option 2, correct, and if you like type, explanation, time, points.",
    )


def too_many() -> QuizrunError:
    """The error of more questions than a quiz can have."""
    return QuizrunError(
        ErrorCode.IMPORT_INVALID, f"There are more than {MAX_FOUND} questions in it."
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
    # a number names a column, so where one before it is empty the count differs
    if len(filled) < len(columns.options):
        parts.correct = _counted(parts.correct, [columns.options.index(at) for _, at in filled])
    return parts


def _counted(correct: str, places: list[int]) -> str:
    tokens = correct.replace(";", ",").split(",")
    if not all(token.strip().isdecimal() and len(token.strip()) < 3 for token in tokens):
        return correct
    wanted = [int(token) - 1 for token in tokens]
    return ",".join(str(places.index(at) + 1) if at in places else "0" for at in wanted)
