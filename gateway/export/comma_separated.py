"""Export results as CSV (RFC 4180) that spreadsheet applications open directly."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from db.results import PlayerReport
from gateway.export.report import Cell, QuestionFacts, player_row
from gateway.export.words import Words

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the local code page."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def csv_chunks(
    questions: Sequence[QuestionFacts],
    pages: AsyncIterator[list[PlayerReport]],
    words: Words | None = None,
) -> AsyncIterator[bytes]:
    """Yield the header, then one row per player.

    With `words`, the file is for people: translated headers, and times in seconds.
    """
    yield (BYTE_ORDER_MARK + lines([_header(questions, words)])).encode()
    async for page in pages:
        yield lines(player_row(questions, player, words) for player in page).encode()


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


def lines(rows: Iterable[list[Cell]]) -> str:
    """Return rows as CSV, without formulas."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(map(_escape_formula, row) for row in rows)
    return text.getvalue()


def _escape_formula(cell: Cell) -> Cell:
    """Prefix text that a spreadsheet application would interpret as a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
