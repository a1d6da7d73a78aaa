"""The accessibility report names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUOTED = re.compile(r"`([\w./-]+\.(?:spec|test)\.ts)` “([^”]+)”")


def test_every_test_that_the_report_quotes_exists() -> None:
    report = " ".join((ROOT / "docs" / "accessibility.md").read_text().split())
    files = {
        str(path.relative_to(ROOT / "web")): " ".join(path.read_text().split())
        for folder in ("e2e", "src")
        for path in (ROOT / "web" / folder).rglob("*.ts")
    }
    quoted = QUOTED.findall(report)
    assert len(quoted) > 10
    missing = [
        (name, title)
        for name, title in quoted
        if not any(title.rstrip("…") in text for path, text in files.items() if path.endswith(name))
    ]
    assert missing == []
