"""Read the dimensions of a picture from its headers.

Files are untrusted and declare the length of their tables: every loop has its own limit, and no
declared number determines a copy or allocation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from gateway.media import avif

Dimensions = tuple[int, int]
"""Width and height in pixels, as displayed."""

MAX_SEGMENTS = 2_000
"""JPEG segments before the frame header, including fill bytes. Cameras write a few dozen."""

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_ENDS = frozenset({0xD9, 0xDA})
_APP1 = 0xE1
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_SHORT = 3


def dimensions(kind: str, content: bytes) -> Dimensions | None:
    """Return the dimensions of a picture of this media type; None if it does not declare them."""
    try:
        return _READERS[kind](content)
    except (struct.error, IndexError):  # truncated
        return None


def _png(content: bytes) -> Dimensions | None:
    name, width, height = struct.unpack_from(">4sLL", content, 12)
    return (width, height) if name == b"IHDR" else None


def _gif(content: bytes) -> Dimensions | None:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _webp(content: bytes) -> Dimensions | None:
    match content[12:16]:
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if content[20] == 0x2F:
            (bits,) = struct.unpack_from("<L", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            low_x, high_x, low_y, high_y = struct.unpack_from("<HBHB", content, 24)
            return (high_x << 16 | low_x) + 1, (high_y << 16 | low_y) + 1
        case _:
            return None


def _jpeg(content: bytes) -> Dimensions | None:
    at, turned = 2, None
    for _ in range(MAX_SEGMENTS):
        start, marker = content[at], content[at + 1]
        if start != 0xFF or marker == 0xFF:  # garbage or fill bytes, which decoders skip
            at += 1
        elif marker in _ENDS:
            return None
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return (height, width) if turned else (width, height)
        else:
            (size,) = struct.unpack_from(">H", content, at + 2)
            if marker == _APP1 and turned is None and content[at + 4 : at + 10] == _EXIF:
                turned = _turned(content[at + 10 : at + 2 + size])
            at += 2 + size
    return None


def _turned(tiff: bytes) -> bool:
    """Return whether the EXIF orientation swaps width and height."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return False
    try:
        (at,) = struct.unpack_from(f"{order}L", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, at)
        for number in range(entries):
            tag, kind, count, value = struct.unpack_from(f"{order}HHLH", tiff, at + 2 + 12 * number)
            if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
                return int(value) in range(5, 9)
    except struct.error:
        pass
    return False


_READERS: dict[str, Callable[[bytes], Dimensions | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": avif.dimensions,
}
