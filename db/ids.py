"""Ids: UUIDs in canonical text form."""

from __future__ import annotations

import re
import uuid

_CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    """Generate a random id."""
    return str(uuid.uuid4())


def is_id(text: str) -> bool:
    """Return whether `text` is a valid id; PostgreSQL raises an error for anything else."""
    return _CANONICAL.fullmatch(text) is not None
