"""Write a workbook from rows on standard input: ``python -m gateway.export.workbook_process``.

This is a separate process, because half a million rows take seconds of Python, during which the
gateway has sockets to serve. The first input line lists the sheets; each further line is
``[sheet, rows]``, all in JSON. The workbook goes to standard output, which must be a file.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Any, BinaryIO

import orjson
import xlsxwriter

NICENESS = 10
FORMATS = {
    "percent": {"num_format": "0 %"},
    "text": {"text_wrap": True, "valign": "top"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
    # Points stay numbers; the sign before them conveys their meaning without colour.
    "right": {"num_format": '"✓ "0', "bg_color": "#CDEBD3", "font_color": "#0B4F23"},
    "partly": {"num_format": '"◐ "0', "bg_color": "#FBE7B5", "font_color": "#5C3B00"},
    "wrong": {"num_format": '"✗ "0', "bg_color": "#F7CFCF", "font_color": "#7A1414"},
    "none": {"font_color": "#595959", "align": "center"},
    "open": {"font_color": "#262626"},
}
HEADER = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": "#3B2A8C",
    "valign": "top",
    "text_wrap": True,
}
OPTIONS = {
    "constant_memory": True,
    # Players' input is always text, never a formula or link.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def main() -> None:
    """Convert standard input to a workbook on standard output."""
    os.nice(NICENESS)
    write(sys.stdin.buffer, sys.stdout.buffer)


def write(source: BinaryIO, target: BinaryIO) -> None:
    """Write the workbook. Rows are buffered on disk, not in memory."""
    book = xlsxwriter.Workbook(target, OPTIONS)
    header = book.add_format(HEADER)
    formats = {name: book.add_format(look) for name, look in FORMATS.items()}
    described = orjson.loads(source.readline())
    sheets = [_add(book, sheet, header, formats) for sheet in described]
    ends = [1] * len(sheets)
    for line in source:
        place, rows = orjson.loads(line)
        for row in rows:
            _write_row(sheets[place], ends[place], row, formats)
            ends[place] += 1
    for sheet, end, description in zip(sheets, ends, described, strict=True):
        if description.get("filter", True):
            sheet.autofilter(0, 0, end - 1, len(description["columns"]) - 1)
    book.close()


def _add(book: Any, sheet: dict[str, Any], header: Any, formats: dict[str, Any]) -> Any:
    made = book.add_worksheet(sheet["name"])
    made.freeze_panes(1, sheet.get("frozen", 0))
    for column, (title, width, look) in enumerate(sheet["columns"]):
        made.set_column(column, column, width, formats.get(look))
        made.write_string(0, column, title, header)
    return made


def _write_row(sheet: Any, number: int, row: list[Any], formats: dict[str, Any]) -> None:
    for column, cell in enumerate(row):
        match cell:
            case {"moment": moment}:
                at = datetime.fromisoformat(moment)
                sheet.write_datetime(number, column, at, formats["moment"])
            case {"value": value, "mark": mark}:
                _write_cell(sheet, number, column, value, formats[mark])
            case _:
                _write_cell(sheet, number, column, cell)


def _write_cell(sheet: Any, number: int, column: int, cell: Any, *look: Any) -> None:
    match cell:
        case None:
            pass
        case bool():
            sheet.write_boolean(number, column, cell, *look)
        case str():
            sheet.write_string(number, column, cell, *look)
        case _:
            sheet.write_number(number, column, cell, *look)


if __name__ == "__main__":
    main()
