"""Where programs are kept that were fetched or built once."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir(kind: str) -> Path:
    """`.tools/<kind>` in a checkout, else a place in the user's cache directory."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").exists():
        return checkout / ".tools" / kind
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quizrun" / kind
