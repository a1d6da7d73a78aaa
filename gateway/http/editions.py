"""Saving over what was seen: `If-Match` names an edition of a quiz, a key makes repeats safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import Header
from starlette.exceptions import HTTPException

from db.quizzes import Edition
from gateway.http.idempotency import HEADER, MAX_KEY_CHARS
from quiz.errors import ErrorCode, QuizrunError

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The `ETag` of the version that is to be replaced, such as `"3"`, or the '
        'edition that an editor has seen, `"3-2"`: version 3 with draft 2, 0 for no draft. When '
        "there is another one meanwhile, the answer is 412.",
    ),
]
SaveKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=MAX_KEY_CHARS,
        pattern=r"^[\x20-\x7e]+$",
        description="Any 1 to 200 printable characters. When the last save had the same key, its "
        "reply was lost: it is answered again, and is no conflict.",
    ),
]

_EDITION = re.compile(r'(?:W/)?"?(\d{1,9})(?:-(\d{1,9}))?"?', re.ASCII)


def expected_edition(if_match: str | None) -> Edition | None:
    """The edition that `If-Match` names. Raises `payload_invalid` for anything else."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _EDITION.fullmatch(if_match.strip())
    if found is None:
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "If-Match must be the ETag of one version.")
    version, revision = found.groups()
    return Edition(int(version), None if revision is None else int(revision))


@contextmanager
def stale_as_412() -> Iterator[None]:
    """Answer 412 where the quiz is at another edition."""
    try:
        yield
    except QuizrunError as error:
        if error.code is ErrorCode.COMMAND_NOT_ALLOWED:
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, error.message) from None
        raise
