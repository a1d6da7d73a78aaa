"""Secrets that are made once and kept in the data directory, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def secret(path: Path) -> str:
    """Return the secret in ``path`` (32 random bytes in hex), made now if there is none yet."""
    with contextlib.suppress(FileNotFoundError):
        if known := path.read_text().strip():
            return known
    path.parent.mkdir(parents=True, exist_ok=True)
    made = secrets.token_hex(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made + "\n")
    return made
