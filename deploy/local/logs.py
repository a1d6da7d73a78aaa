"""Log files of child processes: rotation, tail, follow, and a readable format.

Our own processes rotate their files themselves (`telemetry.log_file`). The servers' files are
copied and truncated, which works because they are opened for appending.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MAX_LOG_BYTES = 10 * 1024 * 1024
_TAIL_BYTES = 64 * 1024
_SHOWN = ("quizrun.", "error.", "http.", "url.")


def open_log(path: Path) -> BinaryIO:
    """Open ``path`` for appending, readable for this user only: it may contain nicknames and
    addresses. A file over ``MAX_LOG_BYTES`` is first moved to ``<name>.log.1``, replacing the older
    one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # earlier releases created it for everyone
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(_older(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def rotate_open(path: Path, max_bytes: int = MAX_LOG_BYTES) -> bool:
    """Copy a file over ``max_bytes`` to ``<name>.log.1`` and truncate it, while another process has
    it open; return whether it was rotated. A line written in between is lost.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
        copy = path.with_name(path.name + ".copying")
        shutil.copyfile(path, copy)
        os.truncate(path, 0)
        copy.replace(_older(path))
    except FileNotFoundError:
        return False
    return True


def tail(path: Path, lines: int = 10, from_byte: int = 0, to_byte: int | None = None) -> list[str]:
    """Return the last ``lines`` lines written at or after ``from_byte`` and before ``to_byte``;
    none if the file is missing. After a rotation, missing lines come from the older file.
    """
    found = _last_lines(path, lines, from_byte, to_byte)
    if len(found) < lines and from_byte == 0:
        found = [*_last_lines(_older(path), lines - len(found), 0, None), *found]
    return found


def _last_lines(path: Path, lines: int, from_byte: int, to_byte: int | None) -> list[str]:
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            end = size if to_byte is None else min(size, to_byte)
            start = from_byte if from_byte <= size else 0  # rotated since
            log.seek(max(start, end - _TAIL_BYTES))
            text = log.read(max(0, end - log.tell())).decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


class Follower:
    """Reads what is appended to a file, even after it was moved or truncated."""

    def __init__(self, path: Path) -> None:
        """Start at the current end of ``path``."""
        self._path = path
        self._log = path.open("rb")
        self.position = self._log.seek(0, os.SEEK_END)
        self._unfinished = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._log.close()

    def lines(self) -> Iterator[str]:
        """Yield the complete lines since the last call."""
        if os.fstat(self._log.fileno()).st_size < self.position:  # truncated
            self.position = self._log.seek(0)
        yield from self._read()
        if self._moved():
            # Lines written between reading and moving.
            yield from self._read()
            self._log.close()
            self._log, self.position = self._path.open("rb"), 0
            yield from self._read()

    def _read(self) -> Iterator[str]:
        text = self._unfinished + self._log.read()
        self.position = self._log.tell()
        *complete, self._unfinished = text.split(b"\n")
        for line in complete:
            yield line.decode(errors="replace")

    def _moved(self) -> bool:
        try:
            return not os.path.samestat(os.fstat(self._log.fileno()), self._path.stat())
        except FileNotFoundError:  # not yet recreated
            return False


def readable(line: str) -> str:
    """Format a line in Elastic Common Schema for people; return others unchanged."""
    try:
        said = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return line
    if not isinstance(said, dict) or "@timestamp" not in said:
        return line
    about = " ".join(
        f"{name.removeprefix('quizrun.')}={value}"
        for name, value in said.items()
        if name.startswith(_SHOWN) and name != "error.stack_trace"
    )
    stack = said.get("error.stack_trace", "")
    level, message = said.get("log.level", ""), said.get("message", "")
    first = f"{said['@timestamp']} {level:<8} {message} {about}".rstrip()
    return f"{first}\n{stack.rstrip()}" if stack else first


def _older(path: Path) -> Path:
    return path.with_name(path.name + ".1")
