"""The boxes of an ISO media file (ISO/IEC 14496-12): AVIF pictures and M4A sounds are made of them.

A box says how long it is, and is believed only within the box around it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

MAX_BOXES = 256
"""In one box. Files of today have a dozen."""


class Box(NamedTuple):
    """Where the content of a box stands in its file, and before it the four bytes of its name."""

    kind: bytes
    start: int
    end: int
    named: int = 0


def boxes(content: bytes, parent: Box) -> Iterator[Box]:
    """The boxes in a box, until one does not fit. Raises `struct.error` when cut short."""
    at = parent.start
    for _ in range(MAX_BOXES):
        if at + 8 > parent.end:
            return
        size, kind = struct.unpack_from(">L4s", content, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start)
            start += 8
        elif size == 0:
            size = parent.end - at
        end = at + size
        if not start <= end <= parent.end:
            return
        yield Box(kind, start, end, at + 4)
        at = end


def find(content: bytes, parent: Box, kind: bytes) -> Box | None:
    """The first box of a kind in a box."""
    return next((box for box in boxes(content, parent) if box.kind == kind), None)
