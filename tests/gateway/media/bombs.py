"""Files made to exhaust memory or time of parsers."""

from __future__ import annotations

import struct

from tests.gateway.media.pictures import AVIF, JPEG, WEBP, png

MOST_BYTES = 2_000_000
"""The maximum size of an upload."""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(content), kind) + content


def avif(*boxes: bytes) -> bytes:
    """An AVIF with these boxes in `meta`."""
    return AVIF[:32] + box(b"meta", bytes(4) + b"".join(boxes))


def endless_extents(items: int) -> bytes:
    """Each item has 65,535 extents whose fields are 0 bytes wide: 6 bytes of file, 5 MB read."""
    table = struct.pack(">LBBH", 0, 0, 0, items)
    table += b"".join(struct.pack(">HHH", item, 0, 0xFFFF) for item in range(items))
    return avif(box(b"pitm", bytes(6)), box(b"iloc", table))


def _properties(*tables: bytes) -> bytes:
    ispe = box(b"ispe", struct.pack(">LLL", 0, 3, 2))
    return box(b"iprp", box(b"ipco", ispe) + b"".join(box(b"ipma", table) for table in tables))


def _exif(entries: int, at: int = 8) -> bytes:
    tiff = b"MM\0*" + struct.pack(">LH", at, entries) + bytes(12 * min(entries, 5_000))
    content = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def _filled(start: bytes, part: bytes) -> bytes:
    return start + part * ((MOST_BYTES - len(start)) // len(part))


PRIMARY = box(b"pitm", struct.pack(">LH", 0, 1))

BOMBS = {
    "avif: extents without bytes": endless_extents(20),
    "avif: extents of the whole file": avif(
        PRIMARY,
        box(b"iloc", struct.pack(">LBBHHHH", 0, 0x44, 0, 1, 1, 0, 0xFFFF) + b"\0\0\xff\xff" * 100),
    ),
    "avif: 4 billion associations": avif(PRIMARY, _properties(b"\0\0\0\0" + b"\xff" * 1_000)),
    "avif: many tables": avif(
        PRIMARY,
        _properties(*[struct.pack(">LL", 0, 0xFFFFFFFF) + b"\0\2\0" * 2_000] * 250),
    ),
    "avif: one endless table": avif(
        PRIMARY, _properties(struct.pack(">LL", 0, 0xFFFFFFFF) + b"\0\2\0" * 600_000)
    ),
    "avif: small boxes": _filled(AVIF[:32], b"\0\0\0\x08free"),
    "avif: small boxes in meta": avif(box(b"free", b"") * 240_000),
    "avif: small item entries": avif(PRIMARY, box(b"iinf", bytes(6) + box(b"infe", b"") * 240_000)),
    "avif: boxes within boxes": _filled(AVIF[:32], b"\0\x1e\x84\x00meta\0\0\0\0"),
    "avif: a box of no size": AVIF[:32] + bytes(4) + b"meta" + bytes(1_000),
    "avif: a box of 16 EB": AVIF[:32] + b"\0\0\0\1meta" + b"\xff" * 8 + bytes(1_000),
    "avif: a box shorter than its header": AVIF[:32] + b"\0\0\0\1meta" + bytes(8) + bytes(1_000),
    "jpeg: empty segments": _filled(JPEG[:20], b"\xff\xe1\0\x02"),
    "jpeg: segments of no length": _filled(JPEG[:20], b"\xff\xe1\0\0"),
    "jpeg: fill": _filled(JPEG[:20], b"\xff"),
    "jpeg: garbage": _filled(JPEG[:20], b"\0"),
    "jpeg: restarts": _filled(JPEG[:20], b"\xff\xd0"),
    "jpeg: EXIF with 65,535 entries": _filled(JPEG[:2], _exif(0xFFFF)),
    "jpeg: EXIF that points at itself": _filled(JPEG[:2], _exif(0xFFFF, at=0)),
    "png: 16 exapixels": png(0xFFFFFFFF, 0xFFFFFFFF),
    "webp: 281 terapixels": WEBP[:12] + b"VP8X" + struct.pack("<LL", 10, 0) + b"\xff" * 6,
    "webp: chunks before the picture": _filled(WEBP[:12], b"ALPH\0\0\0\0"),
    "gif: 4 gigapixels": b"GIF89a" + b"\xff" * 4 + bytes(20),
}
"""All within the size of an upload, and none valid."""
