"""Detect file types from content. Nothing is decoded, which rules out decompression bombs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from db.media import NewUpload
from gateway.media.dimensions import dimensions
from gateway.media.sounds import read_sound, sound_type
from quiz.errors import ErrorCode, QuizrunError

MAX_SIDE_PX = 8_000
MAX_PIXELS = 25_000_000
"""Decoded, this takes 100 MB, more than phones allow for a picture."""
AVIF_BRANDS = frozenset({b"avif", b"avis"})


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Maximum file sizes in bytes."""

    picture: int
    sound: int

    @property
    def largest(self) -> int:
        """The largest limit of all kinds."""
        return max(self.picture, self.sound)

    def of(self, kind: str) -> int:
        """Return the limit for files of this media type."""
        return self.sound if kind.startswith("audio/") else self.picture


def inspect(content: bytes) -> NewUpload:
    """Validate a picture or sound: a picture unchanged, with its dimensions as displayed (EXIF
    orientation applied), a sound without tags.

    Raises `media_invalid`. SVG is rejected, because it can contain scripts.
    """
    if (kind := _type(content)) is not None:
        return _picture(kind, content)
    if (kind := sound_type(content)) is not None:
        sound = read_sound(kind, content)
        return NewUpload(_id(sound.content), kind, 0, 0, sound.content, sound.duration_ms)
    raise _invalid(
        "The file is neither a picture (PNG, JPEG, WebP, GIF or AVIF) nor a sound (MP3, Ogg, M4A "
        "or WAV)."
    )


def _picture(kind: str, content: bytes) -> NewUpload:
    width, height = dimensions(kind, content) or (0, 0)
    if not (width and height):
        raise _invalid("This picture is damaged.")
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise _invalid(
            f"This picture has {width:,} × {height:,} pixels; the limit is {MAX_SIDE_PX:,} a side "
            f"and {MAX_PIXELS // 1_000_000} million in total."
        )
    return NewUpload(_id(content), kind, width, height, content)


def _id(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    """Return the brands of an ISO media file: the major one and the compatible ones."""
    end = min(int.from_bytes(content[:4]), 256, len(content))
    return {content[8:12], *(content[at : at + 4] for at in range(16, end - 3, 4))}


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.MEDIA_INVALID, message)
