"""Read the first sheet of an Excel workbook (ECMA-376).

Texts and numbers are streamed by a parser that rejects document types. This rules out entity
expansion, and a distant cell does not create a large table.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any
from xml.parsers import expat

from gateway.archive.bounded_zip import BoundedZip, ZipBounds, invalid
from gateway.spreadsheets.comma_separated import MAX_COLUMNS, MAX_ROWS, too_many_rows
from quiz.errors import QuizrunError

BOUNDS = ZipBounds(files=500, file_bytes=12_000_000, all_bytes=25_000_000)
MAX_STRINGS = 100_000
MAX_CELL_CHARS = 4_000

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SHEET = "xl/worksheets/sheet1.xml"


def workbook_rows(content: bytes) -> list[list[str]]:
    """Return the rows up to limits, with numbers as Excel stores them. Raises `import_invalid`."""
    archive = BoundedZip(content, BOUNDS)
    name = _first_sheet(archive)
    strings = _Strings()
    if "xl/sharedStrings.xml" in archive:
        _parse(archive.read("xl/sharedStrings.xml"), strings)
    sheet = _Sheet(strings.found)
    _parse(archive.read(name), sheet)
    return sheet.rows()


def _first_sheet(archive: BoundedZip) -> str:
    """Return the path of the workbook's first sheet."""
    if "xl/workbook.xml" not in archive:
        raise invalid("This is not an Excel workbook.")
    listed, targets = _Listed("sheet", "r:id"), _Listed("Relationship", "Id", "Target")
    _parse(archive.read("xl/workbook.xml"), listed)
    if "xl/_rels/workbook.xml.rels" in archive:
        _parse(archive.read("xl/_rels/workbook.xml.rels"), targets)
    by_id = {found.get("Id"): found.get("Target", "") for found in targets.found}
    target = by_id.get(listed.found[0].get("r:id")) if listed.found else None
    path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else _SHEET
    if path not in archive:
        raise invalid("The workbook has no sheet.")
    return path


class _Handler:
    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _Listed(_Handler):
    """Collects the attributes of the first elements with a name."""

    def __init__(self, name: str, *wanted: str) -> None:
        self._name, self._wanted = name, wanted
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._name and len(self.found) < 1_000:
            self.found.append({key: attributes.get(key, "") for key in self._wanted})


class _Strings(_Handler):
    """Collects the shared strings without phonetic runs."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] | None = None
        self._phonetic = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "si" and len(self.found) >= MAX_STRINGS:
            raise invalid(f"The workbook has more than {MAX_STRINGS:,} texts.")
        if name == "si":
            self.found.append("")
        self._phonetic = self._phonetic or name == "rPh"
        self._parts = [] if name == "t" and not self._phonetic else None

    def end(self, name: str) -> None:
        if name == "t" and self._parts is not None and self.found:
            self.found[-1] = (self.found[-1] + "".join(self._parts))[:MAX_CELL_CHARS]
            self._parts = None
        if name == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)


class _Sheet(_Handler):
    """Collects the cells of a sheet by row and column, within the limits."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings
        self._cells: dict[tuple[int, int], str] = {}
        self._row, self._column = -1, -1
        self._kind = ""
        self._parts: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            known = int(number) if number.isdecimal() and len(number) < 8 else 0
            self._row = known - 1 if known else self._row + 1
            self._column = -1
        elif name == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = _column(place[1]) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._parts = None
        elif name in ("v", "t"):
            self._parts = []

    def text(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if name not in ("v", "t") or self._parts is None:
            return
        value, self._parts = "".join(self._parts), None
        if not 0 <= self._column < MAX_COLUMNS:
            return
        if self._row >= MAX_ROWS:
            raise too_many_rows()
        place = (self._row, self._column)
        self._cells[place] = (self._cells.get(place, "") + self._shown(value))[:MAX_CELL_CHARS]

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            known = value.isdecimal() and len(value) < 8 and int(value) < len(self._strings)
            return self._strings[int(value)] if known else ""
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if self._kind == "n" and re.fullmatch(r"-?\d+\.0+", value):
            return value.partition(".")[0]
        return "" if self._kind == "e" else value

    def rows(self) -> list[list[str]]:
        """Return all rows from the first on; empty rows are empty lists."""
        made: list[list[str]] = []
        for (row, column), value in sorted(self._cells.items()):
            while len(made) <= row:
                made.append([])
            made[row] += [""] * (column - len(made[row])) + [value]
        return made


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _parse(xml: bytes, handler: _Handler) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise invalid("The workbook contains a document type declaration.")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), attributes)
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise invalid("The workbook is damaged.") from None
    except QuizrunError:
        raise


def _local(name: str) -> str:
    """Strip the prefix that some programs write (`x:row`)."""
    return name.rpartition(":")[2]
