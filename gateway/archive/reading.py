"""The quiz and the pictures of an archive: all of it is checked, and nothing touches a disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from db.media import NewPicture
from gateway.archive.bounded_zip import BoundedZip, ZipBounds, invalid, shown
from gateway.archive.references import references, renamed
from gateway.archive.writing import DOCUMENT
from gateway.http.json_shape import check_shape, check_size, has_nul
from gateway.media.inspect import inspect
from quiz.content import Quiz, parse_quiz
from quiz.errors import QuizrunError

MAX_FILES = 1_000

_MEDIA = re.compile(r"media/[^/\\\x00-\x1f]{1,200}")
_NOT_OURS = re.compile(r"__MACOSX/.*|(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini)", re.DOTALL)
"""What systems put into an archive by themselves."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A valid quiz whose pictures are named by their contents, and those pictures."""

    quiz: Quiz
    media: list[NewPicture]


def read_archive(content: bytes, file_bytes: int, all_bytes: int) -> Imported:
    """What `write_archive` wrote, or somebody by hand: pictures may have any simple name.

    Raises `import_invalid`, `media_invalid`, or `quiz_invalid`. Pictures that no question shows
    are left out.
    """
    archive = BoundedZip(content, ZipBounds(MAX_FILES, file_bytes, all_bytes))
    for name in archive.names:
        if name != DOCUMENT and not _MEDIA.fullmatch(name) and not _NOT_OURS.fullmatch(name):
            raise invalid(f"{shown(name)} has no place in an archive of a quiz.")
    if DOCUMENT not in archive:
        raise invalid(f"The archive has no {DOCUMENT}.")
    document = read_document(archive.read(DOCUMENT))
    pictures: dict[str, NewPicture] = {}
    for url in references(document):
        if url not in pictures and _MEDIA.fullmatch(url):
            pictures[url] = _picture(archive, url)
    own = {url: f"/media/{picture.id}" for url, picture in pictures.items()}
    quiz = parse_quiz(renamed(document, lambda url: own.get(url, url)))
    unique = {picture.id: picture for picture in pictures.values()}
    return Imported(quiz, list(unique.values()))


def read_document(text: bytes) -> Any:
    """A quiz's JSON from a file, within the bounds of a request's. Raises `import_invalid`."""
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


def _picture(archive: BoundedZip, name: str) -> NewPicture:
    if name not in archive:
        raise invalid(f"The quiz shows {shown(name)}, which is not in the archive.")
    try:
        return inspect(archive.read(name))
    except QuizrunError as error:
        raise QuizrunError(error.code, f"{shown(name)}: {error.message}") from None
