"""What a file is, judged by a few of its bytes: nothing is decoded, so that nothing can explode."""

from __future__ import annotations

import hashlib

from db.media import NewPicture
from gateway.media.sides import sides
from quiz.errors import ErrorCode, QuizrunError

MAX_SIDE_PX = 8_000
MAX_PIXELS = 25_000_000
"""Decoded, these are 100 MB: more than a phone has for a picture."""
AVIF_BRANDS = frozenset({b"avif", b"avis"})


def inspect(content: bytes) -> NewPicture:
    """The picture in `content`, its sides as shown (a phone's turned ones are turned).

    Raises `media_invalid`. SVG is refused with everything else: it can carry scripts.
    """
    kind = _type(content)
    if kind is None:
        raise _invalid("This is not a PNG, JPEG, WebP, GIF or AVIF picture.")
    width, height = sides(kind, content) or (0, 0)
    if not (width and height):
        raise _invalid("This picture is damaged.")
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise _invalid(
            f"This picture has {width:,} × {height:,} pixels. A side can have {MAX_SIDE_PX:,}, "
            f"and the whole {MAX_PIXELS // 1_000_000} million."
        )
    return NewPicture(hashlib.sha256(content).hexdigest(), kind, width, height, content)


def _type(content: bytes) -> str | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and _brands(content) & AVIF_BRANDS:
        return "image/avif"
    return None


def _brands(content: bytes) -> set[bytes]:
    """Those of an ISO media file: the major one, and those that it is compatible with."""
    end = min(int.from_bytes(content[:4]), 256, len(content))
    return {content[8:12], *(content[at : at + 4] for at in range(16, end - 3, 4))}


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.MEDIA_INVALID, message)
