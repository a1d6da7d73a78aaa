"""Plain-text tables and colours for the commands of production images, which carry no rich."""

from __future__ import annotations

import os
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

GAP = "  "

_CODES = {"green": "32", "red": "31", "yellow": "33", "cyan": "36", "bold red": "1;31", "dim": "2"}


class Cell(NamedTuple):
    """A table cell; `colour` is one of green, red, yellow, cyan, bold red and dim, or empty."""

    text: str
    colour: str = ""


def coloured(text: str, colour: str) -> str:
    """`text` in `colour` if standard output is a terminal that wants colours (no-color.org)."""
    if not colour or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def table(rows: Sequence[Sequence[Cell]], *, max_width: int = 0) -> str:
    """Rows in aligned columns. Texts with several lines keep them; `max_width` (0: none) wraps the
    last column.
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    before_last = sum(width + len(GAP) for width in widths[:-1])
    room = max(20, max_width - before_last) if max_width else 0
    return "\n".join(line for row in rows for line in _lines(row, widths, room))


def shortened(text: str, width: int) -> str:
    """`text`, cut to `width` characters with an ellipsis."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _lines(row: Sequence[Cell], widths: list[int], room: int) -> list[str]:
    columns = [cell.text.splitlines() or [""] for cell in row]
    if room:
        columns[-1] = [part for line in columns[-1] for part in textwrap.wrap(line, room) or [""]]
    lines = []
    for number in range(max(map(len, columns))):
        parts = []
        for cell, texts, width in zip(row, columns, widths, strict=True):
            text = texts[number] if number < len(texts) else ""
            parts.append(coloured(text, cell.colour) + " " * (width - _columns_of(text)))
        lines.append(GAP.join(parts).rstrip())
    return lines


def _width(cell: Cell) -> int:
    return max(map(_columns_of, cell.text.splitlines()), default=0)


def _columns_of(text: str) -> int:
    """Return the number of terminal columns that `text` fills."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )
