"""A log file that can be rotated while the process runs, by the process or by logrotate."""

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
    """A logging handler that writes to `path` and rotates it at `max_bytes`.

    On rotation `<path>` becomes `<path>.1`, that one `<path>.2`, and so on; the last of `backups`
    is dropped. A file that was moved or removed is reopened with the next line, so logrotate needs
    no signal. If standard output or error is redirected to the same file, it is redirected again,
    so that what the interpreter or a library prints does not end up in an old file.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._max_bytes = max_bytes
        self._backups = backups
        self._streams = [stream for stream in (sys.stdout, sys.stderr) if _leads_to(stream, path)]
        super().__init__(path, encoding="utf-8")

    def emit(self, record: Any) -> None:
        """Write one record, to a new file if the current one is full or was moved."""
        try:
            self.reopenIfNeeded()
            if self.stream is not None and _size(self.stream) >= self._max_bytes:
                self._rotate()
            super().emit(record)
        except (OSError, ValueError):  # disk full, or directory removed
            self.handleError(record)  # logging must never raise

    def reopenIfNeeded(self) -> None:  # noqa: N802 - the base's name
        """Reopen the file if it was moved or removed."""
        before = self.stream
        super().reopenIfNeeded()
        if self.stream is not before:
            self._redirect_streams()

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

    def _redirect_streams(self) -> None:
        for stream in self._streams:
            if self.stream is not None:
                stream.flush()
                os.dup2(self.stream.fileno(), stream.fileno())


def _size(stream: TextIO) -> int:
    return os.fstat(stream.fileno()).st_size


def _leads_to(stream: TextIO | None, path: Path) -> bool:
    """Whether a standard stream is redirected to the file `path`."""
    if stream is None:
        return False
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except (OSError, ValueError):  # the file does not exist yet, or the stream has none
        return False
