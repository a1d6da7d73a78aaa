"""Node comes from the wheel if the system has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
