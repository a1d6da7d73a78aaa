"""Secrets, generated once and stored in the data directory, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret(path: Path, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """Return the secret in ``path`` (32 random bytes in hex), generating it if missing."""
    if known := read_secret(path):
        return known
    path.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)  # an empty file may have existed
        file.write(made + "\n")
    return made


def read_secret(path: Path) -> str | None:
    """Return the secret in ``path``, or None."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip() or None
    return None
