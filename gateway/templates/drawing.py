"""Draw the templates' pictures: ``python -m gateway.templates.drawing`` writes them.

They are PNGs of circles in equal parts, some of them coloured.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

SIDE_PX = 320
SAMPLES = 3
"""Subpixels per direction, for anti-aliasing."""
FRACTIONS = {"half": (1, 2), "two-thirds": (2, 3), "three-quarters": (3, 4), "quarter": (1, 4)}
"""The number of coloured parts and of all parts, by picture name."""

PAPER, EMPTY, FULL, LINE = (255, 255, 255), (238, 235, 250), (96, 66, 214), (38, 28, 84)
_RADIUS, _STROKE = 0.44, 0.008

Colour = tuple[int, int, int]


def png_of(coloured: int, parts: int) -> bytes:
    """Draw a circle in `parts` equal parts, of which `coloured` are coloured."""
    rows = b"".join(b"\0" + bytes(_row(y, coloured, parts)) for y in range(SIDE_PX))
    header = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(y: int, coloured: int, parts: int) -> Iterator[int]:
    for x in range(SIDE_PX):
        seen = [
            _colour(
                (x + (i + 0.5) / SAMPLES) / SIDE_PX - 0.5,
                (y + (j + 0.5) / SAMPLES) / SIDE_PX - 0.5,
                coloured,
                parts,
            )
            for i in range(SAMPLES)
            for j in range(SAMPLES)
        ]
        yield from (round(sum(channel) / len(seen)) for channel in zip(*seen, strict=True))


def _colour(x: float, y: float, coloured: int, parts: int) -> Colour:
    """Return the colour at a point, in units of the picture's side from its centre."""
    radius = math.hypot(x, y)
    if radius > _RADIUS + _STROKE:
        return PAPER
    turn = math.atan2(x, -y) / math.tau % 1 * parts  # clockwise from the top, in parts
    from_line = abs(turn - round(turn)) * math.tau / parts * radius
    if radius > _RADIUS - _STROKE or from_line < _STROKE:
        return LINE
    return FULL if turn < coloured else EMPTY


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    for name, fraction in FRACTIONS.items():
        (Path(__file__).parent / "pictures" / f"{name}.png").write_bytes(png_of(*fraction))
