"""The programs of compared servers that are not written in Python: installed or built on first use.

Functions return the command without the port. They raise `MissingError` where a toolchain or its
registry is missing. With `build=False` they only look for what is there.
"""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from deploy.engines.cache import cache_dir
from deploy.engines.golang import OPTIMIZED, build_program, missing_go, program_path
from deploy.errors import StackError
from deploy.local.node import node_directory
from deploy.programs import ProgramError, run

HERE = Path(__file__).parent
NODE, UWS, BUN = HERE / "node", HERE / "uws", HERE / "bun"
SOCKETIOXIDE, CENTRIFUGO = HERE / "socketioxide", HERE / "centrifugo"
_CENTRIFUGO_PACKAGE = "github.com/centrifugal/centrifugo/v6"
_TIMEOUT_S = 1_800.0


class MissingError(StackError):
    """A compared server cannot run here; the message says why."""


def node(*, build: bool = True) -> list[str]:
    """Node's socket.io on ws."""
    _packages(NODE, build=build)
    return [str(node_directory() / "node"), str(NODE / "server.mjs")]


def uws(*, build: bool = True) -> list[str]:
    """Node's socket.io on uWebSockets.js, with the Node version that this was built for."""
    modules = _packages(UWS, build=build)
    return [str(_one(modules, "node-linux-*/bin/node")), str(UWS / "server.mjs")]


def bun(*, build: bool = True) -> list[str]:
    """socket.io on Bun."""
    modules = _packages(BUN, build=build)
    return [str(_one(modules, "@oven/bun-linux-*/bin/bun")), str(BUN / "server.mjs")]


def socketioxide(*, build: bool = True) -> list[str]:
    """socketioxide, compiled with optimisations."""
    target = cache_dir("cargo")
    program = target / "release" / "quizrun-bench-socketioxide"
    if build:
        if shutil.which("cargo") is None:
            raise MissingError("Building it needs cargo on the PATH.")
        options = ["--release", "--locked", "--quiet", "--target-dir", str(target)]
        manifest = ["--manifest-path", str(SOCKETIOXIDE / "Cargo.toml")]
        _run(["cargo", "build", *options, *manifest])
    return [str(_built(program))]


def centrifugo(*, build: bool = True) -> list[str]:
    """Centrifugo."""
    if build:
        if missing := missing_go():
            raise MissingError(f"Building it needs {' and '.join(missing)} on the PATH.")
        build_program(CENTRIFUGO, {}, package=_CENTRIFUGO_PACKAGE, flags=OPTIMIZED)
    program = _built(program_path(CENTRIFUGO, {}, OPTIMIZED))
    return [str(program), "--config", str(CENTRIFUGO / "config.json"), "--http_server.port"]


def _packages(directory: Path, *, build: bool) -> Path:
    """Install the locked npm packages of a directory, and return where they are."""
    modules = directory / "node_modules"
    # npm writes this file last, so it marks a complete installation.
    mark, lock = modules / ".package-lock.json", directory / "package-lock.json"
    current = mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime
    if build and not current:
        path = f"{node_directory()}{os.pathsep}{os.environ.get('PATH', '')}"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(directory)]
        _run([str(node_directory() / "npm"), "ci", *options], {"PATH": path})
        mark.touch()
    elif not current:
        raise MissingError("Its npm packages are not installed.")
    return modules


def _one(modules: Path, pattern: str) -> Path:
    """Return the program that npm has installed for this kind of machine."""
    found = next(modules.glob(pattern), None)
    if found is None:
        machine = f"{platform.system()} on {platform.machine()}"
        raise MissingError(f"npm has no program of it for {machine}.")
    return found


def _built(program: Path) -> Path:
    if not program.exists():
        raise MissingError("It has not been built.")
    return program


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    try:
        run(command, env=env, timeout_s=_TIMEOUT_S)
    except ProgramError as error:
        raise MissingError(str(error)) from error
