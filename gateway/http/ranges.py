"""Byte ranges of files, which Safari requires for sounds (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.IGNORECASE)
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to but excluding `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """Return the ``Content-Range`` header for this part of `size` bytes."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range(header: str, size: int) -> ByteRange | None:
    """Parse a `Range` header. Returns None for the whole file: without a header, for an unknown
    form, and for several ranges.

    Raises `ValueError` if the range is out of bounds.
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= end:
        raise ValueError("beyond the end")
    return ByteRange(start, end)


async def chunks(content: bytes, part: ByteRange) -> AsyncIterator[bytes]:
    """Yield the part in chunks, so that slow readers do not fill buffers."""
    view = memoryview(content)
    for start in range(part.start, part.end, CHUNK_BYTES):
        yield bytes(view[start : min(start + CHUNK_BYTES, part.end)])
