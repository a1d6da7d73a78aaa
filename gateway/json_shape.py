"""Limit the size and nesting of JSON bodies before they are decoded and validated.

Decoding, and pydantic's list of errors, take time proportional to the number of values and keys,
all on the event loop.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

MAX_MARKS = 100_000
"""An upper bound on values: brackets, commas and colons, including those in strings. The largest
quiz has 30,000, not counting its strings."""
MAX_DEPTH = 16
MAX_KEYS = 50
MAX_ITEMS = 10_000


def check_size(body: bytes) -> None:
    """Raise a 400 if the body could decode to too many values."""
    if sum(map(body.count, (b",", b":", b"[", b"{"))) > MAX_MARKS:
        raise HTTPException(400, f"The body has more than {MAX_MARKS:,} values.")


def check_shape(document: Any) -> None:
    """Raise a 400 for objects, lists or nesting beyond anything the API uses."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in _children(parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise HTTPException(400, f"The body is nested more than {MAX_DEPTH} levels deep.")


def has_nul(document: Any) -> bool:
    """Return whether a string in the document contains U+0000."""
    waiting = [document]
    while waiting:
        match waiting.pop():
            case str(text):
                if "\0" in text:
                    return True
            case list(items):
                waiting.extend(items)
            case dict(fields):
                waiting.extend(fields)
                waiting.extend(fields.values())
    return False


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) > MAX_KEYS:
            raise HTTPException(400, f"An object in the body has more than {MAX_KEYS} fields.")
        return value.values()
    if isinstance(value, list):
        if len(value) > MAX_ITEMS:
            raise HTTPException(400, f"A list in the body has more than {MAX_ITEMS:,} items.")
        return value
    return ()
