"""The workbook that the other process makes, read back by another library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from db.results import AnswerReport, PlayerReport
from gateway.export import workbook as workbook_module
from gateway.export.workbook import Workbooks
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.export.test_report import facts

PLAYER = PlayerReport(1, "id", "=1+1", 970, (AnswerReport(0, 1, 1204, 970, True),))


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
    assert list(read) == ["Standings", "Answers", "Questions"]
    assert read["Standings"] == [
        ["Rank", "Nickname", "Score", "Correct answers", "Answers"],
        [1, "=1+1", 970, 1, 1],
        [2, "Bob", 0, 0, 0],
    ]
    assert read["Answers"][1:] == [[1, "=1+1", 1, "Capital of Italy?", "Rome", True, 970, 1204]]
    assert read["Questions"][1] == [1, "single", "Capital of Italy?", "Rome", 2, 1, 0.5, "", 0]


async def test_headers_stay_in_sight_and_columns_are_wide_enough() -> None:
    with await Workbooks().make([facts()], pages([PLAYER])) as file, ZipFile(file) as parts:
        for number in (1, 2, 3):
            sheet = parts.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in sheet
            assert 'customWidth="1"' in sheet
            assert "<autoFilter" in sheet


async def test_a_workbook_for_nobody_has_its_headers() -> None:
    with await Workbooks().make([], pages()) as file:
        book = CalamineWorkbook.from_filelike(file)
    assert len(book.get_sheet_by_index(0).to_python()) == 1


async def test_more_answers_than_a_sheet_holds_are_refused() -> None:
    with pytest.raises(QuizrunError) as refused:
        await Workbooks().make([facts(answered=1_000_001)], pages())
    assert refused.value.code is ErrorCode.EXPORT_TOO_LARGE


async def test_too_many_at_once_are_refused_and_the_others_are_made() -> None:
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


async def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
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
    (await workbooks.make([], pages())).close()  # its place is free again


async def test_what_fails_in_the_process_is_told_and_can_be_tried_again() -> None:
    odd: Any = PlayerReport(1, "id", {"no": "text"}, 0, ())  # type: ignore[arg-type]
    with pytest.raises(QuizrunError) as refused:
        await Workbooks().make([], pages([odd] * 50_000, [odd] * 50_000))
    assert refused.value.code is ErrorCode.UNAVAILABLE
