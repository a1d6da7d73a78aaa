"""What is fuzzed: the functions that read what strangers send.

A target takes bytes and returns; the errors that its callers expect are not crashes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from gateway.archive.reading import read_archive
from gateway.export.comma_separated import lines
from gateway.http.cookies import our_cookies
from gateway.http.quiz_files import read_import
from gateway.http.quiz_preview import read_questions
from gateway.json_shape import check_shape, check_size, has_nul
from gateway.media.inspect import UploadLimits, inspect
from gateway.transport.decoding import MALFORMED, Incomplete, decode
from gateway.transport.packets import dumps
from quiz.answers import parse_answer
from quiz.errors import QuizrunError
from quiz.nickname import clean_nickname, nickname_key
from tests.quiz.examples import every_type

Target = Callable[[bytes], None]

MAX_ATTACHMENTS = 10
LIMITS = UploadLimits(100_000, 100_000)
SEPARATOR = b"\x1e"
WORKBOOK = b'<workbook><sheets><sheet name="a"/></sheets></workbook>'


def socketio(data: bytes) -> None:
    """A packet and its attachments, separated as in a polling payload."""
    text, *attachments = data.split(SEPARATOR)
    with suppress(*MALFORMED):
        packet = decode(text, MAX_ATTACHMENTS)
        complete = packet if packet[-1] == 0 else None
        incomplete = Incomplete(packet)
        for attachment in attachments[: packet[-1]]:
            complete = incomplete.attach(attachment)
        if complete is not None and not attachments:
            dumps(complete[3])  # what was received can be sent


def json_body(data: bytes) -> None:
    """A request's body, as strict as all routes read it."""
    with suppress(HTTPException, QuizrunError, orjson.JSONDecodeError):
        check_size(data)
        document = orjson.loads(data)
        check_shape(document)
        has_nul(document)


def quiz_file(data: bytes) -> None:
    """An imported quiz: JSON or an archive."""
    with suppress(QuizrunError):
        read_import(data, LIMITS, 1_000_000)


def archive(data: bytes) -> None:
    """An archive with this quiz and one picture: its parts are separated."""
    document, _, picture = data.partition(SEPARATOR)
    with suppress(QuizrunError):
        read_archive(_zipped({"quiz.json": document, "media/a.png": picture}), LIMITS, 1_000_000)


def pasted_text(data: bytes) -> None:
    """Pasted questions."""
    with suppress(QuizrunError):
        orjson.dumps([one.document for one in read_questions(data, "text")])


def table(data: bytes) -> None:
    """A CSV file."""
    with suppress(QuizrunError):
        orjson.dumps([one.document for one in read_questions(data, "table")])


def workbook(data: bytes) -> None:
    """An Excel workbook with this sheet and these strings: its parts are separated."""
    sheet, _, strings = data.partition(SEPARATOR)
    files = {"xl/workbook.xml": WORKBOOK, "xl/worksheets/sheet1.xml": sheet}
    if strings:
        files["xl/sharedStrings.xml"] = strings
    with suppress(QuizrunError):
        orjson.dumps([one.document for one in read_questions(_zipped(files), "table")])


def upload(data: bytes) -> None:
    """A picture or a sound."""
    with suppress(QuizrunError):
        inspect(data)


def nickname(data: bytes) -> None:
    """A nickname, and its cell in an export."""
    with suppress(QuizrunError):
        cleaned = clean_nickname(data.decode("utf-8", "surrogateescape"))
        assert nickname_key(cleaned)
        cleaned.encode()
        assert not lines([[cleaned]]).startswith(("=", "+", "-", "@"))


def answer(data: bytes) -> None:
    """An answer to a question of each type."""
    try:
        given: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    for question in every_type().questions:
        with suppress(QuizrunError):
            count = len(getattr(question, "options", ()))
            orjson.dumps(parse_answer(question.type, count, given))


def cookies(data: bytes) -> None:
    """A `Cookie` header."""
    kept = our_cookies([(b"cookie", line) for line in data.split(SEPARATOR)])
    assert sum(len(value) for _, value in kept) <= 5_000


TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (
        *(socketio, json_body, quiz_file, archive, pasted_text, table, workbook),
        *(upload, nickname, answer, cookies),
    )
}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return packed.getvalue()
