"""Read CSV files with any common separator and encoding."""

from __future__ import annotations

import csv
import io

from quiz.errors import ErrorCode, QuizrunError

MAX_ROWS = 2_000
MAX_COLUMNS = 60
_SEPARATORS = ";,\t|"
_SAMPLE_LINES = 20
"""How many lines are used to detect the separator."""


def decoded(content: bytes) -> str:
    """Decode a file: UTF-8, UTF-16 with a byte order mark, else Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def csv_rows(content: bytes) -> list[list[str]]:
    """Return the rows, up to limits. Raises `import_invalid` for anything but CSV."""
    text = decoded(content)
    if "\0" in text:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, "This is not a CSV file.")
    first = text.splitlines()[:_SAMPLE_LINES]
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
    """Return the error for a table longer than any quiz."""
    return QuizrunError(ErrorCode.IMPORT_INVALID, f"The table has more than {MAX_ROWS:,} rows.")
