"""The security document names tests that exist, and every requirement of its levels."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.checks.named_tests import ROOT, missing

DOCUMENT = ROOT / "docs" / "security.md"
REQUIREMENTS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5,
    "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4,
    "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2,
    "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1,
    "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has: its first ones."""


def test_every_named_test_exists() -> None:
    assert list(missing(DOCUMENT)) == []


def test_a_missing_test_is_found(tmp_path: Path) -> None:
    document = tmp_path / "security.md"
    document.write_text("`test_nothing_of_this_name`, `test_none.py`, `tests/none/test_x.py`")
    assert len(list(missing(document))) == 3
    document.write_text(f"`{test_a_missing_test_is_found.__name__}`, `{Path(__file__).name}`")
    assert list(missing(document)) == []


def test_every_requirement_has_a_row() -> None:
    assert sum(REQUIREMENTS.values()) == 70 + 183
    found: list[str] = []
    rows = re.findall(r"^\| ([\d.]+)(?:–([\d.]+))? \| [12]", DOCUMENT.read_text(), re.MULTILINE)
    for first, last in rows:
        section, _, number = first.rpartition(".")
        end = int((last or first).rpartition(".")[2])
        found += [f"{section}.{at}" for at in range(int(number), end + 1)]
    expected = [f"{section}.{at + 1}" for section, n in REQUIREMENTS.items() for at in range(n)]
    assert found == expected
