from __future__ import annotations

import re
from pathlib import Path

from quiz import limits

GENERATED = Path(__file__).parents[2] / "web" / "src" / "protocol" / "limits.ts"


def test_the_web_client_has_the_same_limits() -> None:
    found = re.findall(r"^export const (\w+) = (\d+);$", GENERATED.read_text(), re.MULTILINE)
    assert {name: int(value) for name, value in found} == limits.by_name()
