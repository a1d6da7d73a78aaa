"""Resolve the compose file as Docker would."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.checks.tools import ROOT, compose_config

COMPOSE = ROOT / "deploy" / "compose.yml"
MAKE_ENV = ROOT / "deploy" / "compose" / "make_env.py"


def make_env(directory: Path) -> dict[str, str]:
    """Generate .env and its secrets in `directory`, and return the variables."""
    command = [sys.executable, str(MAKE_ENV), "--directory", str(directory)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    lines = (directory / ".env").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines)
    return {**env, "QUIZRUN_SECRETS_DIR": str(directory / "compose" / "secrets")}


def resolve(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the file with variables filled in and absolute paths."""
    found: dict[str, Any] = json.loads(compose_config(COMPOSE, env))
    return found


def check() -> None:
    """Resolve the file with the output of make_env.py."""
    with tempfile.TemporaryDirectory() as directory:
        resolve(make_env(Path(directory)))
