"""Go programs of this repository, built once and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.engines.cache import cache_dir
from deploy.local.errors import StackError

MIN_GO = (1, 26)
BUILD_TIMEOUT_S = 1_800.0
_ENV = {
    # A program without C needs no compiler for it, and runs wherever it is copied.
    "CGO_ENABLED": "0",
    # The Go that is there, or none: toolchains are not for us to fetch.
    "GOTOOLCHAIN": "local",
    "GOFLAGS": "-mod=readonly",
}
# Neither optimised nor inlined: the program runs slower, and is built in two thirds of the time.
_QUICK = ("-gcflags=all=-N -l", "-ldflags=-s -w")


def missing_go() -> list[str]:
    """What of Go cannot be found here, as a list of names."""
    return [] if _go_version() >= MIN_GO else [f"go (version {_dotted(MIN_GO)} or newer)"]


def build_program(module: Path) -> Path:
    """The program of the Go module in the directory `module`. Blocks while it is built the first
    time, or while another process builds it.

    Raises `StackError` when Go is missing or fails.
    """
    directory = cache_dir("go")
    program = directory / f"{module.name}-{_fingerprint(module)}"
    if program.exists():
        return program
    if missing := missing_go():
        raise StackError(f"{module.name} needs {' and '.join(missing)} on the PATH.")
    with _alone(directory / f"{module.name}.lock"):
        if not program.exists():
            # Renamed when complete: an interrupted build must not pass for a finished one.
            unfinished = program.with_suffix(".unfinished")
            _build(module, unfinished)
            unfinished.rename(program)
    return program


def _build(module: Path, target: Path) -> None:
    command = ["go", "build", "-trimpath", *_QUICK, "-o", str(target), "."]
    try:
        done = subprocess.run(
            command,
            cwd=module,
            env={**os.environ, **_ENV},
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        message = f"Go did not build {module.name} within {BUILD_TIMEOUT_S:g} s."
        raise StackError(message) from error
    if done.returncode != 0:
        lines = "".join(f"\n  | {line}" for line in done.stderr.splitlines()[-15:])
        raise StackError(f"Go could not build {module.name}.{lines}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time pass: two builds at once would take twice as long each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint(module: Path) -> str:
    """What the program is made of. Its dependencies are pinned by `go.sum`."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum", "main.go"):
        digest.update((module / name).read_bytes())
    return digest.hexdigest()[:12]


def _go_version() -> tuple[int, ...]:
    """The version of `go`; (0,) without one."""
    if shutil.which("go") is None:
        return (0,)
    told = subprocess.run(["go", "version"], capture_output=True, text=True, check=False)
    found = re.search(r"go(\d+)\.(\d+)", told.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
