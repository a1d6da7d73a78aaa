"""Puts the tables into docs/capacity.md, between ``<!-- table: name -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
from pathlib import Path

from bench.capacity.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "capacity.md"
_PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written() -> str:
    """The page with its tables worked out anew."""

    def table(found: re.Match[str]) -> str:
        return f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}"

    return _PLACE.sub(table, PAGE.read_text())
