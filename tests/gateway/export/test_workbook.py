"""The workbook process, verified with another library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from db.results import AnswerReport, PlayerReport
from gateway.export import workbook as workbook_module
from gateway.export.sheets import CorrectionFacts, RunFacts
from gateway.export.words import Words
from gateway.export.workbook import Workbooks
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.export.test_report import facts

X = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLAYER = PlayerReport(1, "id", "=1+1", 970, (AnswerReport(0, 1, 1204, 970, True, 150),))


async def pages(*found: list[PlayerReport]) -> AsyncIterator[list[PlayerReport]]:
    for page in found:
        yield page


async def test_a_workbook_has_standings_answers_and_questions() -> None:
    question = facts(
        text="Capital of Italy?", solution=[1], answered=2, correct=1, share_correct=0.5
    )
    other = PlayerReport(2, "id", "Bob", 0, ())
    with await Workbooks().make([question], pages([PLAYER], [other])) as file:
        book = CalamineWorkbook.from_filelike(file)
    read: Any = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(read) == ["Standings", "Answers", "Questions", "Matrix", "Run"]
    assert read["Standings"] == [
        ["Rank", "Nickname", "Score", "Correct answers", "Answers"],
        [1, "=1+1", 970, 1, 1],
        [2, "Bob", 0, 0, 0],
    ]
    assert read["Answers"] == [
        [
            *("Rank", "Nickname", "Question", "Text", "Answer"),
            *("Correct", "Points", "Time (s)", "Extra time"),
        ],
        [1, "=1+1", 1, "Capital of Italy?", "Rome", True, 970, 1.2, "1.5×"],
    ]
    assert read["Questions"][1] == [
        1,
        "Single choice",
        "Capital of Italy?",
        "Rome",
        2,
        1,
        0.5,
        "",
        0,
        "",
    ]


SPREADSHEET = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def looks(file: IO[bytes], sheet: int, row: int) -> list[tuple[str, str]]:
    """The number format and the fill of each cell of a row."""
    with ZipFile(file) as parts:
        styles = ET.fromstring(parts.read("xl/styles.xml"))
        cells = ET.fromstring(parts.read(f"xl/worksheets/sheet{sheet}.xml"))
    formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(X + "numFmt")}
    (xfs,) = styles.findall("x:cellXfs", SPREADSHEET)
    found = []
    for cell in cells.findall(f".//x:row[@r='{row}']/x:c", SPREADSHEET):
        xf = xfs[int(cell.get("s", "0"))]
        found.append((formats.get(xf.get("numFmtId")) or "", xf.get("fillId") or ""))
    return found


async def test_the_matrix_marks_points_by_sign_and_colour() -> None:
    questions = [facts(number=number) for number in range(1, 5)]
    questions.append(facts("poll", 5, options=["Tea", "=Coffee"], distribution=[3, 1]))
    given = (
        AnswerReport(0, 1, 1, 970, True),
        AnswerReport(1, 1, 1, 350, False),
        AnswerReport(2, 1, 1, 0, False),
        AnswerReport(4, 1, 1, 0, False),
    )
    player = PlayerReport(1, "id", "Ada", 1320, given)
    with await Workbooks().make(questions, pages([player])) as file:
        book = CalamineWorkbook.from_filelike(file)
        ada = looks(file, 4, 2)
    matrix = book.get_sheet_by_name("Matrix").to_python()
    assert matrix[1] == [1, "Ada", 1320, 970, 350, 0, "–", "=Coffee"]
    assert [code.split()[0].strip('"') for code, _ in ada[3:6]] == ["✓", "◐", "✗"]
    assert len({fill for _, fill in ada[3:7]}) == 4
    assert book.get_sheet_by_name("Questions").to_python()[5][9] == "Tea: 3\n=Coffee: 1"


async def test_the_run_is_described_in_the_hosts_language_and_time_zone() -> None:
    at = datetime(2026, 11, 26, 10, 5, tzinfo=ZoneInfo("Europe/Berlin"))
    line = CorrectionFacts(at, "Ada", 1, "key", "=Rome")
    run = RunFacts("=Hauptstädte", at, "Europe/Berlin", 35, 8, [line])
    with await Workbooks().make([facts("boolean")], pages([PLAYER]), run, Words("de")) as file:
        book = CalamineWorkbook.from_filelike(file)
        with ZipFile(file) as parts:
            assert all(b"<f>" not in parts.read(name) for name in parts.namelist())
    assert book.sheet_names == ["Rangliste", "Antworten", "Fragen", "Matrix", "Durchgang"]
    answers = book.get_sheet_by_name("Antworten").to_python()
    assert answers[0][4:] == ["Antwort", "Richtig", "Punkte", "Zeit (s)", "Mehr Zeit"]
    assert answers[1][4] == "Falsch"
    about = {row[0]: row for row in book.get_sheet_by_name("Durchgang").to_python()}
    assert about["Quiz"][1] == "=Hauptstädte"
    assert about["Datum"][1] == at.replace(tzinfo=None)
    assert about["Korrektur"][2] == "1. andere Lösung: =Rome (von Ada)"


async def test_headers_are_frozen_and_columns_are_wide_enough() -> None:
    with await Workbooks().make([facts()], pages([PLAYER])) as file, ZipFile(file) as parts:
        for number in (1, 2, 3):
            sheet = parts.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in sheet
            assert 'customWidth="1"' in sheet
            assert "<autoFilter" in sheet


async def test_an_empty_workbook_has_headers() -> None:
    with await Workbooks().make([], pages()) as file:
        book = CalamineWorkbook.from_filelike(file)
    assert len(book.get_sheet_by_index(0).to_python()) == 1


async def test_more_answers_than_a_sheet_holds_are_rejected() -> None:
    with pytest.raises(QuizrunError) as refused:
        await Workbooks().make([facts(answered=1_000_001)], pages())
    assert refused.value.code is ErrorCode.EXPORT_TOO_LARGE


async def test_too_many_concurrent_workbooks_are_rejected() -> None:
    workbooks = Workbooks(at_once=1, waiting=1)
    tries = (workbooks.make([], pages()) for _ in range(3))
    made = await asyncio.gather(*tries, return_exceptions=True)
    (refused,) = (each for each in made if isinstance(each, QuizrunError))
    assert refused.code is ErrorCode.UNAVAILABLE
    assert refused.retryable
    for each in made:
        if not isinstance(each, BaseException):
            each.close()
    (await workbooks.make([], pages())).close()


async def test_a_hanging_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "TIMEOUT_S", 1.0)
    never = asyncio.Event()

    async def stuck() -> AsyncIterator[list[PlayerReport]]:
        yield [PLAYER]
        await never.wait()

    workbooks = Workbooks(at_once=1, waiting=0)
    with pytest.raises(QuizrunError) as refused:
        await workbooks.make([facts()], stuck())
    assert refused.value.code is ErrorCode.EXPORT_TOO_LARGE
    monkeypatch.undo()
    (await workbooks.make([], pages())).close()  # its slot is free again


async def test_a_failing_process_is_reported_and_can_be_retried() -> None:
    odd: Any = PlayerReport(1, "id", {"no": "text"}, 0, ())  # type: ignore[arg-type]
    with pytest.raises(QuizrunError) as refused:
        await Workbooks().make([], pages([odd] * 50_000, [odd] * 50_000))
    assert refused.value.code is ErrorCode.UNAVAILABLE
