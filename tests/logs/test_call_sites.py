"""Every log call has a dotted event name and only listed fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from telemetry.log_fields import FIELDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("activities", "bus", "db", "gateway", "quiz", "telemetry", "workers")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
SPECIAL = {"error", "exc_info"}
NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Calls of structlog's methods with their locations."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text()
            if "import structlog" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and _logs(node):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _logs(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in LEVELS | {"bind"}:
        return False
    of = ast.unparse(call.func.value)
    return of in {"log", "_log", "self._log"} or "get_logger" in of


def test_the_search_finds_log_calls() -> None:
    assert len(list(calls())) > 40


def test_every_log_field_is_listed() -> None:
    unknown = [
        f"{where}: {keyword.arg}"
        for where, call in calls()
        for keyword in call.keywords
        if keyword.arg and keyword.arg not in FIELDS.keys() | SPECIAL
    ]
    assert not unknown, "add them to telemetry/log_fields.py, unless they are personal data"


def test_events_have_dotted_names() -> None:
    strange = []
    for where, call in calls():
        name = call.args[0] if call.args else None
        if isinstance(name, ast.Constant) and not NAME.fullmatch(str(name.value)):
            strange.append(f"{where}: {name.value!r}")
        if isinstance(name, ast.JoinedStr) or len(call.args) > 1:
            strange.append(f"{where}: {ast.unparse(call)[:60]}")
    assert not strange
