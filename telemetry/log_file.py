"""A log file that is rotated while the process runs: by itself, or by logrotate."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any, TextIO

MAX_BYTES = 10 * 1024 * 1024
BACKUPS = 4


class LogFile(WatchedFileHandler):
    """Writes to `path`. A file that would grow over `max_bytes` moves to `<path>.1` first, that one
    to `<path>.2`, and so on; the oldest of `backups` is dropped.

    A file that somebody else has moved away is opened anew with the next line, so logrotate needs
    no signal. Where standard output and error lead to the same file they follow it: what the
    interpreter or a library prints there is not lost in an old one.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._max_bytes = max_bytes
        self._backups = backups
        self._streams = [stream for stream in (sys.stdout, sys.stderr) if _leads_to(stream, path)]
        super().__init__(path, encoding="utf-8")

    def emit(self, record: Any) -> None:
        """Write one record, into a new file if the present one is full or was moved away."""
        try:
            self.reopenIfNeeded()
            if self.stream is not None and _size(self.stream) >= self._max_bytes:
                self._rotate()
            super().emit(record)
        except (OSError, ValueError):  # a full disk, a directory that is gone
            self.handleError(record)  # whoever logs must not fail by it

    def reopenIfNeeded(self) -> None:  # noqa: N802 - the base's name
        """Open the file anew if another one, or none, has its name."""
        before = self.stream
        super().reopenIfNeeded()
        if self.stream is not before:
            self._lead_streams()

    def _rotate(self) -> None:
        with suppress(FileNotFoundError):
            for number in range(self._backups, 1, -1):
                older = self._numbered(number - 1)
                if older.exists():
                    older.replace(self._numbered(number))
            if self._backups:
                self._path.replace(self._numbered(1))
            else:
                self._path.unlink()
        self.reopenIfNeeded()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _lead_streams(self) -> None:
        for stream in self._streams:
            if self.stream is not None:
                stream.flush()
                os.dup2(self.stream.fileno(), stream.fileno())


def _size(stream: TextIO) -> int:
    return os.fstat(stream.fileno()).st_size


def _leads_to(stream: TextIO | None, path: Path) -> bool:
    """Whether what is written to a standard stream lands in the file `path`."""
    if stream is None:
        return False
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except (OSError, ValueError):  # no such file yet, or a stream without one
        return False
