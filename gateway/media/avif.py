"""Dimensions of an AVIF picture: the `ispe` of its primary item, rotated by `irot`.

Boxes are specified in ISO/IEC 14496-12, item properties in ISO/IEC 23008-12. Item locations are not
followed, because those tables can refer to the same bytes any number of times.
"""

from __future__ import annotations

import struct
from itertools import islice

from gateway.media.boxes import Box, boxes, find

MAX_TABLES = 4
"""Tables of item properties: one for each width of their fields."""
MAX_ITEMS = 1_000
"""Items per table before the primary one. A picture has a few, a large grid hundreds."""


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Return width and height as displayed, if given. Raises `struct.error` for truncated data."""
    meta = find(content, Box(b"", 0, len(content)), b"meta")
    if meta is None:
        return None
    inner = meta._replace(start=meta.start + 4)
    primary = find(content, inner, b"pitm")
    properties = find(content, inner, b"iprp")
    container = properties and find(content, properties, b"ipco")
    if primary is None or properties is None or container is None:
        return None
    item = _number(content, primary.start + 4, wide=content[primary.start] > 0)
    listed = list(boxes(content, container))
    found, turned = None, False
    for index in _associations(content, properties, item):
        if not 1 <= index <= len(listed):
            continue
        kind, start = listed[index - 1][:2]
        if kind == b"ispe":
            found = struct.unpack_from(">LL", content, start + 4)
        elif kind == b"irot":
            turned = content[start] & 1 == 1
    if found is None:
        return None
    width, height = found
    return (height, width) if turned else (width, height)


def _number(content: bytes, at: int, *, wide: bool) -> int:
    (number,) = struct.unpack_from(">L" if wide else ">H", content, at)
    return int(number)


def _associations(content: bytes, properties: Box, item: int) -> list[int]:
    """Return the properties of an item, as 1-based indexes into the container."""
    tables = (box for box in boxes(content, properties) if box.kind == b"ipma")
    for table in islice(tables, MAX_TABLES):
        wide_items, wide_places = content[table.start] > 0, content[table.start + 3] & 1 == 1
        (entries,) = struct.unpack_from(">L", content, table.start + 4)
        at = table.start + 8
        for _ in range(min(entries, MAX_ITEMS)):
            found = _number(content, at, wide=wide_items)
            at += 4 if wide_items else 2
            count = content[at]
            places = content[at + 1 : at + 1 + count * (1 + wide_places)]
            at += 1 + count * (1 + wide_places)
            if found == item:  # an index's highest bit marks essential properties
                if wide_places:
                    return [place & 0x7FFF for (place,) in struct.iter_unpack(">H", places)]
                return [place & 0x7F for place in places]
    return []
