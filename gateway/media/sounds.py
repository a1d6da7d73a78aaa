"""Validate sounds: format and duration.

tinytag parses the headers. It reads from a file that limits the number of calls, because a file of
nothing but tiny parts would keep it busy for seconds.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from tinytag import TinyTag, TinyTagException

from gateway.media.tags import strip_tags
from quiz.content import MAX_SOUND_MS
from quiz.errors import ErrorCode, QuizrunError

MAX_READS = 200_000
"""Reads and seeks. Ten minutes of Opus take 60,000; this limit takes a quarter of a second."""
LEAST_MS = 50
"""Anything shorter is a few bytes that happen to look like the start of a sound."""

_PLAYABLE = {
    "audio/mpeg": ("audio/mpeg",),
    "audio/ogg": ('audio/ogg; codecs="opus"', 'audio/ogg; codecs="vorbis"'),
    "audio/mp4": ('audio/mp4; codecs="mp4a.40',),
    "audio/wav": ('audio/wav; codecs="1"', 'audio/wav; codecs="3"'),
}
_NOT_SOUND = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as stored. The duration is None if the headers do not give it."""

    type: str
    content: bytes
    duration_ms: int | None


def sound_type(content: bytes) -> str | None:
    """Return the media type of a sound by its first bytes, or None."""
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "audio/wav"
    if content[4:8] == b"ftyp" and content[8:12] not in _NOT_SOUND:
        return "audio/mp4"
    if content.startswith(b"ID3") or _is_frame(content):
        return "audio/mpeg"
    return None


def _is_frame(content: bytes) -> bool:
    """Return whether data starts with an MP3 frame: MPEG 1 to 2.5, layer III, valid rates."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE6 != 0xE2:
        return False
    rates = content[2]
    return content[1] & 0x18 != 0x08 and 0 < rates >> 4 < 15 and rates & 0x0C != 0x0C


def read_sound(kind: str, content: bytes) -> Sound:
    """Validate a sound that starts like one of this media type, and strip its tags.

    Raises `media_invalid` if it is unplayable in browsers, damaged or too long.
    """
    try:
        clean = strip_tags(kind, content)
    except struct.error:
        raise _damaged() from None
    if kind == "audio/mpeg" and not _is_frame(clean):
        raise _damaged()
    found, duration_ms = _parse_headers(clean)
    if not found.startswith(_PLAYABLE[kind]):
        raise _invalid(
            "Browsers cannot play this sound. Use MP3, Opus or Vorbis in Ogg, AAC in M4A, or WAV."
        )
    if duration_ms > MAX_SOUND_MS:
        raise _invalid(f"This sound lasts longer than {MAX_SOUND_MS // 60_000} minutes.")
    if kind != "audio/mp4" and duration_ms < LEAST_MS:
        raise _damaged()
    # Streamed recordings do not declare their duration.
    return Sound(kind, clean, duration_ms or None)


def _parse_headers(content: bytes) -> tuple[str, int]:
    """Return the media type with codec, and the duration in milliseconds."""
    try:
        tag = TinyTag.get(file_obj=_Counted(content), tags=False)
        return tag.mime_type or "", round((tag.duration or 0) * 1000)
    except (TinyTagException, OverflowError, ValueError):
        raise _damaged() from None


class _Counted(io.BytesIO):
    """A file that raises `ValueError` after too many reads and seeks."""

    _left = MAX_READS

    def read(self, size: int | None = -1) -> bytes:
        self._count()
        return super().read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._count()
        return super().seek(offset, whence)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many parts")


def _damaged() -> QuizrunError:
    return _invalid("This sound is damaged.")


def _invalid(message: str) -> QuizrunError:
    return QuizrunError(ErrorCode.MEDIA_INVALID, message)
