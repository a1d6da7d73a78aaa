"""File names of downloads."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_TITLE_CHARS = 80
FALLBACK = "quiz"

_FORBIDDEN = re.compile(r'[<>:"/\\|?*%;\x00-\x1f\x7f]+')
"""Characters that Windows, macOS or a header does not allow."""


def attachment(title: str, extension: str, date: str, what: str = "results") -> str:
    """Return the `Content-Disposition` (RFC 6266) for a run's results.

    `date` is that of the run (ISO 8601), `what` the word for results.
    """
    name = f"{_safe(title)} {date} {what}.{extension}"
    plain = f"{_safe(_ascii(_safe(title)))} {date} {_ascii(what)}.{extension}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def quiz_file(title: str, extension: str) -> str:
    """Return the `Content-Disposition` for an exported quiz."""
    name = f"{_safe(title)}.{extension}"
    plain = unicodedata.normalize("NFKD", _safe(title)).encode("ascii", "ignore").decode()
    return (
        f'attachment; filename="{_safe(plain)}.{extension}"; '
        f"filename*=UTF-8''{quote(name, safe='')}"
    )


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _safe(title: str) -> str:
    """Remove path separators, control and invisible characters, and avoid hidden or empty names."""
    shown = "".join(
        char for char in unicodedata.normalize("NFC", title) if unicodedata.category(char) != "Cf"
    )
    words = _FORBIDDEN.sub(" ", shown).split()
    return " ".join(words)[:MAX_TITLE_CHARS].strip(" .") or FALLBACK
