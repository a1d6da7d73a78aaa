"""Export results as CSV (RFC 4180) that spreadsheet applications open directly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence

from db.results import PlayerReport
from gateway.export.report import Cell, QuestionFacts, player_row
from gateway.export.words import Words

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the local code page."""

# Applications that split at semicolons or tabs, as Excel does where the comma is the decimal mark,
# do not see our quotes: to them a cell may begin, and so a formula, anywhere in a text.
_SPLITTERS = r";|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
_FORMULA = re.compile(rf"(?:^|[{_SPLITTERS}])[\s\"]*(?=[=+\-@＝＋－＠])")
_BEFORE_FORMULAS = ("\t", "\r", "\n")
"""At the start of a cell, some applications skip these."""


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
    """Put an apostrophe before what a spreadsheet application would interpret as a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if not isinstance(cell, str):
        return cell
    text = _FORMULA.sub(lambda found: f"{found[0]}'", cell)
    return f"'{text}" if text.startswith(_BEFORE_FORMULAS) else text
