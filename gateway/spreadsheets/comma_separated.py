"""Rows of a CSV file, whatever separates its columns and however it is encoded."""

from __future__ import annotations

import csv
import io

from quiz.errors import ErrorCode, QuizrunError

MAX_ROWS = 2_000
MAX_COLUMNS = 60
_SEPARATORS = ";,\t|"
_LOOKED_AT = 20
"""Lines that are counted to find the separator."""


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with a byte order mark, else what Windows writes here."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def csv_rows(content: bytes) -> list[list[str]]:
    """The rows, up to bounds. Raises `import_invalid` for what is no CSV."""
    text = decoded(content)
    if "\0" in text:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, "This is not a CSV file.")
    first = text.splitlines()[:_LOOKED_AT]
    separator = max(_SEPARATORS, key=lambda mark: sum(line.count(mark) for line in first))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(row[:MAX_COLUMNS])
            if len(rows) > MAX_ROWS:
                raise too_many_rows()
    except csv.Error as error:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, f"This is not a CSV file: {error}.") from None
    return rows


def too_many_rows() -> QuizrunError:
    """The error of a table that is longer than any quiz."""
    return QuizrunError(ErrorCode.IMPORT_INVALID, f"The table has more than {MAX_ROWS:,} rows.")
