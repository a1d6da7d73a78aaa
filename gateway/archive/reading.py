"""Read a quiz and its files from an archive, validated and in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from db.media import NewUpload
from gateway.archive.bounded_zip import BoundedZip, ZipBounds, invalid, quoted
from gateway.archive.references import references, replace_urls
from gateway.archive.writing import DOCUMENT
from gateway.json_shape import check_shape, check_size, has_nul
from gateway.media.inspect import UploadLimits, inspect
from quiz.content import Quiz, parse_quiz
from quiz.errors import QuizrunError

MAX_FILES = 1_000

_MEDIA = re.compile(r"media/[^/\\\x00-\x1f]{1,200}")
_IGNORED = re.compile(r"__MACOSX/.*|(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini)", re.DOTALL)
"""Files that operating systems add to archives."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A valid quiz whose media URLs refer to uploads by content, and those uploads."""

    quiz: Quiz
    media: list[NewUpload]


def read_archive(content: bytes, limits: UploadLimits, all_bytes: int) -> Imported:
    """Read an archive, written by `write_archive` or by hand with any simple file names.

    Raises `import_invalid`, `media_invalid` or `quiz_invalid`. Unreferenced files are ignored.
    `quiz.json` may be as large as a picture.
    """
    archive = BoundedZip(content, ZipBounds(MAX_FILES, limits.largest, all_bytes))
    for name in archive.names:
        if name != DOCUMENT and not _MEDIA.fullmatch(name) and not _IGNORED.fullmatch(name):
            raise invalid(f"{quoted(name)} does not belong in a quiz archive.")
    if DOCUMENT not in archive:
        raise invalid(f"The archive has no {DOCUMENT}.")
    document = read_document(archive.read(DOCUMENT, limits.picture))
    files: dict[str, NewUpload] = {}
    for url in references(document):
        if url not in files and _MEDIA.fullmatch(url):
            files[url] = _file(archive, url, limits)
    own = {url: f"/media/{file.id}" for url, file in files.items()}
    quiz = parse_quiz(replace_urls(document, lambda url: own.get(url, url)))
    unique = {file.id: file for file in files.values()}
    return Imported(quiz, list(unique.values()))


def read_document(text: bytes) -> Any:
    """Decode a quiz's JSON within the limits of a request body. Raises `import_invalid`."""
    try:
        check_size(text)
        document = orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
        check_shape(document)
    except orjson.JSONDecodeError as error:
        raise invalid(f"{DOCUMENT} is not valid JSON: {error}.") from None
    except HTTPException as error:
        raise invalid(f"{DOCUMENT}: {error.detail}") from None
    if has_nul(document):
        raise invalid(f"{DOCUMENT} contains the character U+0000.")
    return document


def _file(archive: BoundedZip, name: str, limits: UploadLimits) -> NewUpload:
    if name not in archive:
        raise invalid(f"The quiz refers to {quoted(name)}, which is not in the archive.")
    content = archive.read(name)
    try:
        found = inspect(content)
    except QuizrunError as error:
        raise QuizrunError(error.code, f"{quoted(name)}: {error.message}") from None
    if len(content) > limits.of(found.type):
        raise invalid(f"{quoted(name)} is too large for an import.")
    return found
