"""Programs that run to their end say in one sentence why they failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deploy.programs import LINES_SHOWN, ProgramError, run


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_a_program_runs_in_its_directory_and_environment(tmp_path: Path) -> None:
    script = "import os; print(os.getcwd(), os.environ['COLOUR'], 'PATH' in os.environ)"
    output = run(python(script), timeout_s=20, directory=tmp_path, env={"COLOUR": "red"})
    assert output == f"{tmp_path} red True\n"


def test_a_failure_is_told_by_the_last_lines_of_the_output() -> None:
    script = "import sys; [print(n) for n in range(99)]; sys.exit('no space left')"
    with pytest.raises(ProgramError) as failure:
        run(python(script), timeout_s=20, name="mkdir")
    first, *lines = str(failure.value).splitlines()
    assert first == "`mkdir` failed."
    assert len(lines) == LINES_SHOWN
    assert lines[-2:] == ["  | 98", "  | no space left"]


def test_a_program_that_hangs_is_ended_and_named_by_its_first_words() -> None:
    with pytest.raises(ProgramError, match=r"^`sleep 60` timed out after 0\.1 s\.$"):
        run(["/bin/sleep", "60"], timeout_s=0.1)
