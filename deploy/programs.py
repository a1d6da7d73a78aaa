"""Programs that run to their end, and what they say when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.errors import StackError

LINES_SHOWN = 15


class ProgramError(StackError):
    """A program failed or timed out. The text ends with the last lines of its output."""


def run(
    command: Sequence[str],
    *,
    timeout_s: float,
    directory: Path | None = None,
    env: Mapping[str, str] | None = None,
    name: str = "",
) -> str:
    """Run a program and return its standard output. Raises `ProgramError`.

    `env` is added to the environment. Errors call the program `name`, or by its first two words.
    """
    name = name or " ".join([Path(command[0]).name, *command[1:2]])
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"`{name}` timed out after {timeout_s:g} s.") from error
    if done.returncode != 0:
        output = (done.stdout + done.stderr).splitlines()[-LINES_SHOWN:]
        raise ProgramError(f"`{name}` failed." + "".join(f"\n  | {line}" for line in output))
    return done.stdout
