"""Node comes from the wheel if the system has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.node import _wrappers

ROOT = Path(__file__).parents[2]


def test_npm_runs_on_the_wheels_node_if_the_system_has_none(tmp_path: Path) -> None:
    path = tmp_path / "bin"
    path.mkdir()
    (path / "sh").symlink_to("/bin/sh")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.node", "npm", "exec", "--call", "node --version"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("v2"), done.stderr
    assert Path(sys.prefix, "quizrun-node", "npx").exists()


def test_commands_that_are_running_are_not_rewritten(tmp_path: Path) -> None:
    wheel = Path(sys.prefix)
    commands = {path: path.stat().st_ino for path in _wrappers(wheel, tmp_path).iterdir()}
    assert {path: path.stat().st_ino for path in _wrappers(wheel, tmp_path).iterdir()} == commands
    # A change replaces the file, which a process may have open, and leaves nothing else.
    with (tmp_path / "npm").open() as running:
        before = running.read()
        _wrappers(wheel / "newer", tmp_path)
        running.seek(0)
        assert running.read() == before != (tmp_path / "npm").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"node", "npm", "npx"}
    assert all(os.access(path, os.X_OK) for path in tmp_path.iterdir())
