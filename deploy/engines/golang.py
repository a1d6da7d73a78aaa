"""Build the repository's Go programs once and cache them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.engines.cache import cache_dir
from deploy.errors import StackError
from deploy.programs import run

MIN_GO = (1, 26)
BUILD_TIMEOUT_S = 1_800.0
_ENV = {
    # No C compiler required.
    "CGO_ENABLED": "0",
    # Use the installed Go instead of downloading a toolchain.
    "GOTOOLCHAIN": "local",
    "GOFLAGS": "-mod=readonly",
}
# Without inlining and debug information, compiling takes a quarter less time.
_FLAGS = ("-trimpath", "-gcflags=all=-l -dwarf=false", "-ldflags=-s -w")
OPTIMIZED = ("-trimpath", "-ldflags=-s -w")
"""Flags for programs whose speed matters more than how long they compile."""
_STUBS = "_stubs"

Exclusions = Mapping[str, Mapping[str, str]]
"""By module: files and package directories to exclude, with the stub to use instead."""


def missing_go() -> list[str]:
    """Return the names of missing prerequisites of Go builds."""
    return [] if _go_version() >= MIN_GO else [f"go (version {_dotted(MIN_GO)} or newer)"]


def program_path(module: Path, leave_out: Exclusions, flags: Sequence[str] = _FLAGS) -> Path:
    """Return where `build_program` puts the program."""
    return cache_dir("go") / f"{module.name}-{_fingerprint(module, leave_out, flags)}"


def build_program(
    module: Path, leave_out: Exclusions, *, package: str = ".", flags: Sequence[str] = _FLAGS
) -> Path:
    """Return the program of the Go module in `module`, built without the `leave_out` parts of its
    dependencies. Blocks during the first build, or while another process builds it.

    `package`: the package to build, if it is a dependency's. Raises `StackError` if Go is missing
    or fails.
    """
    program = program_path(module, leave_out, flags)
    if program.exists():
        return program
    if missing := missing_go():
        raise StackError(f"{module.name} needs {' and '.join(missing)} on the PATH.")
    with _locked(program.with_name(f"{module.name}.lock")):
        if not program.exists():
            # Renamed when complete, so that an interrupted build does not pass for a finished one.
            unfinished = program.with_suffix(".unfinished")
            with tempfile.TemporaryDirectory(prefix="quizrun-go-") as work:
                _copy_sources(module, Path(work), leave_out)
                _go(Path(work), "build", *flags, "-o", str(unfinished), package)
            unfinished.rename(program)
    return program


def _copy_sources(module: Path, work: Path, leave_out: Exclusions) -> None:
    """Copy `module` to `work`, and the dependencies from which something is excluded."""
    for source in _own(module):
        shutil.copyfile(source, work / source.name)
    if not leave_out:
        return  # without arguments, Go would download everything in go.mod
    downloads = _go(work, "mod", "download", "-json", *leave_out)
    for downloaded in _objects(downloads):
        path, directory = downloaded["Path"], downloaded["Dir"]
        copy = work / path.replace("/", "-")
        # Without modes, because Go's module cache is read-only.
        subprocess.run(
            ["cp", "-r", "--no-preserve=mode", directory, str(copy)], check=True, timeout=60
        )
        for left_out, stub in leave_out[path].items():
            _leave_out(copy / left_out, module / _STUBS / stub if stub else None)
        _go(work, "mod", "edit", f"-replace={path}=./{copy.name}")


def _leave_out(path: Path, stub: Path | None) -> None:
    if path.is_dir():
        for source in path.glob("*.go"):
            source.unlink()
        path = path / "stub.go"
    else:
        path.unlink()
    if stub is not None:
        shutil.copyfile(stub, path)


def _objects(text: str) -> Iterator[dict[str, str]]:
    """Yield the JSON objects in `text`."""
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        found, end = decoder.raw_decode(rest)
        yield found
        rest = rest[end:].lstrip()


def _go(directory: Path, *arguments: str) -> str:
    return run(["go", *arguments], directory=directory, env=_ENV, timeout_s=BUILD_TIMEOUT_S)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes: two builds at once would take twice as long each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own(module: Path) -> list[Path]:
    """Return the module's files, without `main.go` if it builds a dependency's program."""
    own = [module / name for name in ("go.mod", "go.sum", "main.go")]
    return [path for path in own if path.exists()]


def _fingerprint(module: Path, leave_out: Exclusions, flags: Sequence[str]) -> str:
    """Hash everything that determines the program. `go.sum` pins its dependencies."""
    digest = hashlib.sha256(json.dumps([list(flags), leave_out], sort_keys=True).encode())
    for path in (*_own(module), *sorted((module / _STUBS).glob("*.go"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _go_version() -> tuple[int, ...]:
    """Return the version of `go`; (0,) without one."""
    if shutil.which("go") is None:
        return (0,)
    result = subprocess.run(["go", "version"], capture_output=True, text=True, check=False)
    found = re.search(r"go(\d+)\.(\d+)", result.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
