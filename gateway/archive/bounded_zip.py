"""Read untrusted ZIP archives in memory and within limits.

Sizes that an archive declares are checked before use: the directory's before it is read, a file's
before it is unpacked, and the actual output while unpacking.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from quiz.errors import ErrorCode, QuizrunError

_END = b"PK\x05\x06"
_END_BYTES = 22
_WIDE = b"PK\x06\x07"
_WIDE_BYTES = 20
_ENTRY_BYTES = 300
"""The allowed size of a directory entry, larger than any reasonable file name needs."""
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class ZipBounds:
    """Limits: the number of files, and the unpacked size of each and of all (bytes)."""

    files: int
    file_bytes: int
    all_bytes: int


_MALFORMED = (struct.error, ValueError)
"""What `zipfile` raises for offsets outside the file and fields that are cut off."""


class BoundedZip:
    """A ZIP archive within bounds. Raises `import_invalid`."""

    def __init__(self, content: bytes, bounds: ZipBounds) -> None:
        self._bounds = bounds
        self._left = bounds.all_bytes
        _check_directory(content, bounds.files)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            entries = [
                entry for entry in self._archive.infolist() if entry.filename and not entry.is_dir()
            ]
        except (zipfile.BadZipFile, NotImplementedError, *_MALFORMED):
            raise damaged() from None
        if len(entries) > bounds.files:
            raise _too_many(bounds.files)
        self._entries = {entry.filename: entry for entry in entries}

    @property
    def names(self) -> list[str]:
        """List the names in the archive."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, file_bytes: int | None = None) -> bytes:
        """Unpack a file. Raises `import_invalid` if it exceeds the limits or is damaged.

        `file_bytes` is a lower limit for this file.
        """
        entry = self._entries[name]
        most = min(self._bounds.file_bytes, self._left, file_bytes or self._left)
        if entry.file_size > most:
            raise invalid(f"{quoted(name)} is too large for an import.")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise invalid(f"{quoted(name)} is encrypted or uses an unsupported compression.")
        try:
            with self._archive.open(entry) as file:
                content = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, *_MALFORMED):
            raise damaged() from None
        if len(content) > most:
            raise invalid(f"{quoted(name)} is too large for an import.")
        self._left -= len(content)
        return content


def _check_directory(content: bytes, files: int) -> None:
    # Locate the end record the way `zipfile` does, and check the directory's declared size.
    at = len(content) - _END_BYTES
    if not (content[at : at + 4] == _END and content.endswith(b"\0\0")):
        at = content.rfind(_END, max(0, len(content) - _END_BYTES - 65_536))
    if at < 0 or at + _END_BYTES > len(content):
        raise damaged()
    if at >= _WIDE_BYTES and content[at - _WIDE_BYTES : at - _WIDE_BYTES + 4] == _WIDE:
        raise invalid("ZIP64 archives are too large for an import.")
    count, size = struct.unpack_from("<HL", content, at + 10)
    if count > 2 * files or size > 2 * files * _ENTRY_BYTES:
        raise _too_many(files)


def quoted(name: str) -> str:
    """Quote a name from an archive for an error message."""
    return "“" + "".join(char if char.isprintable() else "�" for char in name[:80]) + "”"


def damaged() -> QuizrunError:
    """Return the error for an unreadable archive."""
    return invalid("This is not a ZIP archive, or it is damaged.")


def invalid(sentence: str) -> QuizrunError:
    """Return the error for a rejected archive."""
    return QuizrunError(ErrorCode.IMPORT_INVALID, sentence)


def _too_many(files: int) -> QuizrunError:
    return invalid(f"The archive has more than {files:,} files.")
