from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest

from db.results import AnswerReport, PlayerReport
from gateway.export.comma_separated import csv_chunks
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
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0"],
)
async def test_text_is_never_a_formula(text: str) -> None:
    row = list(csv.reader(io.StringIO(await written(text, text), newline="")))[1]
    assert row[1] == row[3] == f"'{text}"


@pytest.mark.parametrize("text", ['a "quoted" word', "a, b", "two\r\nlines", "'", "1-2=3"])
async def test_other_text_round_trips(text: str) -> None:
    row = list(csv.reader(io.StringIO(await written(text, text), newline="")))[1]
    assert row[1] == row[3] == text


async def test_a_negative_number_stays_a_number() -> None:
    assert "1,Ada,5,-3.5,true,5,7\r\n" in await written("Ada", -3.5)
