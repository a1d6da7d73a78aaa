"""Generate the tables in ``docs/configuration.md`` from the settings classes.

``python -m deploy.configuration`` writes the page; ``--check`` fails if it is out of date.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deploy.local.settings import Settings as LocalSettings
from gateway.settings import GatewaySettings
from telemetry.environment import EnvironmentSettings, unknown_variables, variable_of
from telemetry.reporting import ReportingSettings
from telemetry.settings import (
    CodecServerSettings,
    DatabaseSettings,
    KafkaSettings,
    RedisSettings,
    ServerSettings,
    TemporalSettings,
)
from workers.settings import WorkerSettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
BEGIN = "<!-- begin: written by `make generate` -->"
END = "<!-- end -->"

# Each setting is listed in the first section whose class has it.
SECTIONS: tuple[tuple[str, type[EnvironmentSettings]], ...] = (
    ("PostgreSQL", DatabaseSettings),
    ("Redis", RedisSettings),
    ("Kafka", KafkaSettings),
    ("Temporal", TemporalSettings),
    ("The codec server", CodecServerSettings),
    ("Error reports and traces", ReportingSettings),
    ("Gateways and workers", ServerSettings),
    ("Gateways", GatewaySettings),
    ("Workers", WorkerSettings),
    ("The local stack (`make up`)", LocalSettings),
)
# Read by the repository's tools, not by a settings class.
OTHERS = frozenset({"QUIZRUN_CHROMIUM", "QUIZRUN_GATEWAY"})


def unknown_settings() -> list[str]:
    """Return environment variables with our prefix that nothing reads."""
    return unknown_variables(tuple(kind for _, kind in SECTIONS), OTHERS)


def page(text: str) -> str:
    """Return `text` with up-to-date tables."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def tables() -> str:
    """Return the tables of all settings by section, in the order of the classes."""
    seen: set[str] = set()
    parts = []
    for title, kind in SECTIONS:
        rows = []
        for name, field in kind.model_fields.items():
            if name in seen:
                continue
            seen.add(name)
            rows.append(_row(kind, name, field))
        head = f"\n### {title}\n\n| variable | default | |\n|---|---|---|\n"
        parts.append(head + "".join(rows))
    return "".join(parts) + "\n"


def _row(kind: type[EnvironmentSettings], name: str, field: FieldInfo) -> str:
    described = " ".join((_docstrings(kind).get(name) or "").split()).replace("|", "\\|")
    return f"| `{variable_of(name)}` | {_default(field)} | {described} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value: Any = field.default
    if field.default_factory is not None or value is PydanticUndefined:
        return ""
    if value is None or value in ("", (), SecretStr("")):
        return ""
    if isinstance(value, Path):
        return "in the checkout"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _docstrings(kind: type[EnvironmentSettings]) -> dict[str, str]:
    """Return the docstring of each field, including inherited ones."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base is EnvironmentSettings or not issubclass(base, EnvironmentSettings):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, text in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
            ):
                found[field.target.id] = str(text.value.value)
    return found


def main() -> int:
    """Write the page, or check it with ``--check``."""
    text = PAGE.read_text()
    wanted = page(text)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted)
    elif wanted != text:
        print(f"Out of date: {PAGE}; run `make generate`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
