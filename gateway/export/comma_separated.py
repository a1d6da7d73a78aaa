"""Results as CSV (RFC 4180), as spreadsheet programs open it by a double click."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from db.results import PlayerReport
from gateway.export.report import Cell, QuestionFacts, player_row
from gateway.export.words import Words

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the local code page."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def csv_chunks(
    questions: Sequence[QuestionFacts],
    pages: AsyncIterator[list[PlayerReport]],
    words: Words | None = None,
) -> AsyncIterator[bytes]:
    """A row for each player; the first chunk is the header.

    With `words` it is for a person: headers in that language, and times in seconds.
    """
    yield (BYTE_ORDER_MARK + _lines([_header(questions, words)])).encode()
    async for page in pages:
        yield _lines(player_row(questions, player, words) for player in page).encode()


def _header(questions: Sequence[QuestionFacts], words: Words | None) -> list[Cell]:
    header: list[Cell] = ["Rank", "Nickname", "Score"]
    about = ["correct", "points", "ms"]
    if words is not None:
        header = [words("rank"), words("nickname"), words("score")]
        about = [words("correct"), words("points"), words("time")]
    for question in questions:
        name = f"{question.number}. {question.text}"
        header += [name, *(f"{question.number}. {what}" for what in about)]
    return header


def _lines(rows: Iterable[list[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(map(_harmless, row) for row in rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    """The cell, so written that no spreadsheet program takes a player's text for a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
