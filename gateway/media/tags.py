"""Strip tags from sounds: titles, cover pictures, recording locations.

Players do not need them, covers are often larger than the sound, and locations are private. Every
loop has a limit. Ogg comments stay, because they are embedded in pages with checksums.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from gateway.media.boxes import Box, boxes

MAX_TAGS = 8
"""Tags at either end of an MP3. One is usual, some programs add a second."""
MAX_CHUNKS = 256
"""Chunks of a WAV file."""

_AUDIO_CHUNKS = (b"fmt ", b"fact", b"data")
_TAGS = (b"udta", b"meta", b"uuid")
_NESTS = (b"moov", b"trak")
_ID3V1_BYTES = 128
_APE_BYTES = 32


def strip_tags(kind: str, content: bytes) -> bytes:
    """Return the sound without its tags. Raises `struct.error` for truncated data."""
    strip = _STRIPPERS.get(kind)
    return strip(content) if strip else content


def _mp3(content: bytes) -> bytes:
    """Cut ID3 and APE tags from both ends."""
    start, end = 0, len(content)
    for _ in range(MAX_TAGS):
        if content[start : start + 3] != b"ID3":
            break
        start += _id3_bytes(content[start : start + 10])
    for _ in range(MAX_TAGS):
        end -= _tag_at_end(content[:end])
    return content[start:end].lstrip(b"\0")


def _id3_bytes(head: bytes) -> int:
    """Return a tag's length from its first ten bytes; each size byte has seven bits."""
    flags, first, second, third, fourth = struct.unpack_from("5B", head, 5)
    size = first << 21 | second << 14 | third << 7 | fourth
    return 10 + int(size) + (10 if flags & 0x10 else 0)


def _tag_at_end(content: bytes) -> int:
    if content[-_ID3V1_BYTES:].startswith(b"TAG") and len(content) > _ID3V1_BYTES:
        return _ID3V1_BYTES
    if content[-_APE_BYTES:].startswith(b"APETAGEX"):
        size, _, flags = struct.unpack_from("<LLL", content, len(content) - _APE_BYTES + 12)
        return int(size) + (_APE_BYTES if flags >> 31 else 0)
    return 0


def _wav(content: bytes) -> bytes:
    kept = b"".join(
        name + struct.pack("<L", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in _chunks(content)
        if name in _AUDIO_CHUNKS
    )
    return b"RIFF" + struct.pack("<L", 4 + len(kept)) + b"WAVE" + kept


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(content):
            return
        name, size = struct.unpack_from("<4sL", content, at)
        # A sound recorded to a pipe declares more data than it has.
        data = content[at + 8 : at + 8 + size]
        yield name, data
        at += 8 + size + size % 2


def _m4a(content: bytes) -> bytes:
    # Tags are blanked in place, because the file's tables refer to offsets of the audio data.
    changed = bytearray(content)
    waiting = [Box(b"", 0, len(content))]
    while waiting:
        for box in boxes(content, waiting.pop()):
            if box.kind in _TAGS:
                changed[box.start : box.end] = bytes(box.end - box.start)
                changed[box.named : box.named + 4] = b"free"
            elif box.kind in _NESTS:
                waiting.append(box)
    return bytes(changed)


_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "audio/mpeg": _mp3,
    "audio/wav": _wav,
    "audio/mp4": _m4a,
}
