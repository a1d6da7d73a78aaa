"""Ids are UUIDs in canonical text."""

from __future__ import annotations

import re
import uuid

_CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh id."""
    return str(uuid.uuid4())


def is_id(text: str) -> bool:
    """Whether `text`, say from a URL, can be an id at all; PostgreSQL fails on anything else."""
    return _CANONICAL.fullmatch(text) is not None
