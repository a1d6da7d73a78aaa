"""Boxes of ISO media files (ISO/IEC 14496-12), the container of AVIF and M4A.

A box's declared size is only trusted within its parent.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

MAX_BOXES = 256
"""Boxes per parent. Typical files have a dozen."""


class Box(NamedTuple):
    """The position of a box's content in the file, and its four-byte type."""

    kind: bytes
    start: int
    end: int
    named: int = 0


def boxes(content: bytes, parent: Box) -> Iterator[Box]:
    """Yield the boxes in a box until one does not fit. Raises `struct.error` for truncated data."""
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
    """Return the first child box of a type."""
    return next((box for box in boxes(content, parent) if box.kind == kind), None)
