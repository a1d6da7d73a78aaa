"""Production's rules and routes with durations of seconds.

Only durations change: scrape and evaluation intervals, how long an alert must hold, and how long
Alertmanager groups. Expressions, labels, routes and inhibitions are production's.
"""

from __future__ import annotations

import re
from pathlib import Path

_PROMETHEUS = {
    r"(scrape_interval|evaluation_interval): \S+": r"\1: 1s",
    r"scrape_timeout: \S+": "scrape_timeout: 1s",
}
_RULES = {r"^(\s+for): \S+$": r"\1: 2s", r"^(\s+interval): \S+$": r"\1: 1s"}
_ALERTMANAGER = {
    r"group_wait: \S+": "group_wait: 1s",
    r"group_interval: \S+": "group_interval: 1s",
}


def hurry(directory: Path) -> None:
    """Rewrite the files that `monitoring_specs` wrote to `directory`."""
    _rewrite(directory / "prometheus" / "prometheus.yml", _PROMETHEUS)
    for rules in (directory / "prometheus" / "rules").glob("*.yml"):
        _rewrite(rules, _RULES)
    _rewrite(directory / "alertmanager" / "alertmanager.yml", _ALERTMANAGER)


def _rewrite(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text()
    for pattern, replacement in changes.items():
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    path.write_text(text)
