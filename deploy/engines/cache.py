"""The cache directory of programs that were fetched or built."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir(kind: str) -> Path:
    """Return `.tools/<kind>` in a checkout, else a directory in the user's cache."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").exists():
        return checkout / ".tools" / kind
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quizrun" / kind
