"""Run a process and collect its log lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

PRELUDE = """
import logging, sys, structlog
from telemetry.logs import configure_logging
configure_logging("{level}", "gateway-1", service="quizrun-gateway")
log = structlog.get_logger("gateway.tried")
"""


def lines_of(program: str, *, level: str = "info") -> list[dict[str, Any]]:
    """Return the lines that `program` logs; it can use `log` and `logging`, and may crash."""
    source = PRELUDE.format(level=level) + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
