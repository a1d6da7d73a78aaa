"""One log file per child process, bounded, with a tail for error messages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

MAX_LOG_BYTES = 10 * 1024 * 1024
_TAIL_BYTES = 64 * 1024


def open_log(path: Path) -> BinaryIO:
    """Open ``path`` for appending. A file over ``MAX_LOG_BYTES`` moves to ``<name>.log.1`` first,
    replacing the older one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(path: Path, lines: int = 10, from_byte: int = 0) -> list[str]:
    """Return the last ``lines`` lines written at or after ``from_byte``; none when the file is
    missing.
    """
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(from_byte, size - _TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]
