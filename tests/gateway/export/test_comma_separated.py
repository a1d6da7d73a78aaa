from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.results import AnswerReport, PlayerReport
from gateway.export.comma_separated import BYTE_ORDER_MARK, csv_chunks
from quiz.answers import Answer
from tests.gateway.export.test_report import facts


async def written(nickname: str, answer: Answer = "x", question: str = "?") -> str:
    async def pages() -> AsyncIterator[list[PlayerReport]]:
        yield [PlayerReport(1, "id", nickname, 5, (AnswerReport(0, answer, 7, 5, True),))]

    chunks = [chunk async for chunk in csv_chunks([facts("text", text=question)], pages())]
    return b"".join(chunks).decode()


async def test_csv_has_a_byte_order_mark_and_rfc_4180_line_ends() -> None:
    text = await written("Zoë", question="Où?")
    assert text == (
        "\ufeffRank,Nickname,Score,1. Où?,1. correct,1. points,1. ms\r\n1,Zoë,5,x,true,5,7\r\n"
    )


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "=cmd|' /C calc'!A0"],
)
async def test_text_is_never_a_formula(text: str) -> None:
    row = list(csv.reader(io.StringIO(await written(text, text), newline="")))[1]
    assert row[1] == row[3] == f"'{text}"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ada;=1+1", "Ada;'=1+1"),
        ('Ada;"=1+1', "Ada;\"'=1+1"),
        ("Ada\t @SUM(A1)", "Ada\t '@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("x|-1", "x|'-1"),
        ("two\r\n+1", "two\r\n'+1"),
        (" =1", " '=1"),
    ],
)
async def test_text_is_no_formula_after_another_separator_either(text: str, stored: str) -> None:
    row = list(csv.reader(io.StringIO(await written(text, text), newline="")))[1]
    assert row[1] == row[3] == stored


NASTY = st.text(st.sampled_from("=+-@;,\t\r\n|\"' ab1＝\u2028\x85"), max_size=12)


@given(NASTY, NASTY, NASTY)
async def test_no_cell_is_a_formula_wherever_an_application_splits(
    nickname: str, answer: str, question: str
) -> None:
    text = (await written(nickname, answer, f"a{question}")).removeprefix(BYTE_ORDER_MARK)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("\t", "\r", "\n"))]
    for separator in ",;\t|":
        for lines in (io.StringIO(text, newline=""), text.splitlines(keepends=True)):
            for row in csv.reader(lines, delimiter=separator):
                for cell in row:
                    # LibreOffice's and OWASP's rule
                    assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), row


@pytest.mark.parametrize("text", ['a "quoted" word', "a, b", "two\r\nlines", "'", "1-2=3"])
async def test_other_text_round_trips(text: str) -> None:
    row = list(csv.reader(io.StringIO(await written(text, text), newline="")))[1]
    assert row[1] == row[3] == text


async def test_a_negative_number_stays_a_number() -> None:
    assert "1,Ada,5,-3.5,true,5,7\r\n" in await written("Ada", -3.5)
