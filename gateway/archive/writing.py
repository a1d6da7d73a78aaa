"""Write a quiz as an archive. Equal quizzes give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import orjson

from db.media import Content
from gateway.archive.references import UPLOADED, replace_urls

DOCUMENT = "quiz.json"
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
}
# The earliest date that ZIP supports.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def write_archive(document: dict[str, Any], media: Mapping[str, Content]) -> bytes:
    """Return the archive of a quiz in the native format. `media` maps ids to files; URLs of missing
    ones stay as they are.
    """
    names = {
        media_id: f"media/{media_id}.{EXTENSIONS.get(found.type, 'bin')}"
        for media_id, found in sorted(media.items())
    }

    def rename(url: str) -> str:
        found = UPLOADED.fullmatch(url)
        return names.get(found[1], url) if found else url

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        text = orjson.dumps(replace_urls(document, rename), option=orjson.OPT_INDENT_2)
        archive.writestr(_entry(DOCUMENT), text, zipfile.ZIP_DEFLATED)
        for media_id, name in names.items():
            # Pictures and most sounds are already compressed.
            archive.writestr(_entry(name), media[media_id].content, zipfile.ZIP_STORED)
    return packed.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.external_attr = 0o644 << 16
    return entry
