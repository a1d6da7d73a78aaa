"""Insert the tables into pages, between ``<!-- table: name -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
from pathlib import Path

from bench.capacity.tables import TABLES

_ROOT = Path(__file__).parents[2]
PAGES = (_ROOT / "docs" / "capacity.md", _ROOT / "deploy" / "aws" / "README.md")
_PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(page: Path) -> str:
    """Return the page with updated tables."""

    def table(found: re.Match[str]) -> str:
        return f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}"

    return _PLACE.sub(table, page.read_text())
