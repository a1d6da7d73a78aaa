"""Readable device names from ``User-Agent`` headers."""

from __future__ import annotations

from ua_parser import parse

MAX_CHARS = 300


def device_name(user_agent: str) -> str:
    """Return browser and system, such as ``Firefox, Windows``; empty if neither is known."""
    found = parse(user_agent[:MAX_CHARS])
    names = (
        found.user_agent.family if found.user_agent else None,
        found.os.family if found.os else None,
    )
    return ", ".join(name for name in names if name)
