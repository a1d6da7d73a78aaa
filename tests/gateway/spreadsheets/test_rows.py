"""Spreadsheets from common programs, and hostile ones."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from gateway.spreadsheets.comma_separated import csv_rows
from gateway.spreadsheets.workbook import workbook_rows
from quiz.errors import ErrorCode, QuizrunError

ROWS = [["Frage", "Antwort 1"], ['Straße; "x"', "Köln"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_any_common_dialect_is_read(encoding: str, separator: str) -> None:
    text = f'Frage{separator}Antwort 1\r\n"Straße; ""x"""{separator}Köln\r\n'
    assert csv_rows(text.encode(encoding)) == ROWS


def workbook(*cells: tuple[int, int, object]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        first, second = book.add_worksheet("Fragen"), book.add_worksheet("Other")
        second.write(0, 0, "not this one")
        for row, column, value in cells:
            first.write(row, column, value)
    return made.getvalue()


def test_the_first_sheet_of_a_workbook_is_read() -> None:
    content = workbook(
        (0, 0, "Frage"), (0, 1, "Antwort 1"), (0, 2, "x"),
        (2, 0, "Wie viele?\nGenau"), (2, 1, 1815), (2, 2, 3.5), (3, 0, True), (3, 2, "Frage"),
    )  # fmt: skip
    assert workbook_rows(content) == [
        ["Frage", "Antwort 1", "x"], [],
        ["Wie viele?\nGenau", "1815", "3.5"], ["TRUE", "", "Frage"],
    ]  # fmt: skip


def test_a_distant_cell_does_not_create_a_large_table() -> None:
    assert workbook_rows(workbook((0, 0, "a"), (1, 16_383, "far"))) == [["a"]]
    with pytest.raises(QuizrunError, match="more than 2,000 rows"):
        workbook_rows(workbook((0, 0, "a"), (1_048_575, 0, "down")))


def altered(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook((0, 0, "a")))) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            target.writestr(entry, content if entry == name else source.read(entry))
    return made.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'


@pytest.mark.parametrize(
    "content",
    [
        b"PK\3\4 nothing",
        altered("xl/sharedStrings.xml", LAUGHS),
        altered("xl/sharedStrings.xml", b"<sst><si>"),
        altered("xl/worksheets/sheet1.xml", b" " * 12_000_001),
        altered("xl/workbook.xml", b"<workbook/>")[:300],
    ],
)
def test_anything_but_a_workbook_is_rejected(content: bytes) -> None:
    with pytest.raises(QuizrunError) as refused:
        workbook_rows(content)
    assert refused.value.code is ErrorCode.IMPORT_INVALID


def test_anything_but_csv_is_rejected() -> None:
    for content in (b"a\0b", b'"' + b"x" * 200_000, b"a\n" * 2_001):
        with pytest.raises(QuizrunError) as refused:
            csv_rows(content)
        assert refused.value.code is ErrorCode.IMPORT_INVALID
