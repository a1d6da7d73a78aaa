"""Small file systems that can be filled up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE_MB = 400
_BLOCK = bytes(1 << 20)


class SmallDisk:
    """A small file system mounted at `path`, if we may mount one; else a plain directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mounted = False

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "quizrun", str(self.path)]
        if os.geteuid() == 0:
            done = subprocess.run(command, capture_output=True, check=False)
            self.mounted = done.returncode == 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.mounted:
            # A process that is being killed may still hold a file open.
            subprocess.run(["umount", "--lazy", str(self.path)], check=True)

    async def fill(self, seconds: float) -> None:
        """Fill it up for `seconds`."""
        ballast = self.path / "ballast"
        try:
            await asyncio.to_thread(self._write, ballast)
            # time: a slow disk
            await asyncio.sleep(seconds)
        finally:
            ballast.unlink(missing_ok=True)

    @staticmethod
    def _write(ballast: Path) -> None:
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(_BLOCK)
