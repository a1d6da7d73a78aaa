"""Optimistic concurrency for quizzes: `If-Match` names an edition, a key makes retries safe."""

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
        description='The `ETag` of the version to replace, such as `"3"`, or the edition that an '
        'editor has loaded, such as `"3-2"`: version 3 with draft 2 (0: no draft). If the quiz has '
        "changed since, the response is 412.",
    ),
]
SaveKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=MAX_KEY_CHARS,
        pattern=r"^[\x20-\x7e]+$",
        description="1 to 200 printable characters. If the last save had the same key, this is a "
        "retry whose response was lost: it gets the same response instead of a conflict.",
    ),
]

_EDITION = re.compile(r'(?:W/)?"?(\d{1,9})(?:-(\d{1,9}))?"?', re.ASCII)


def expected_edition(if_match: str | None) -> Edition | None:
    """Return the edition that `If-Match` names. Raises `payload_invalid` if it is malformed."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _EDITION.fullmatch(if_match.strip())
    if found is None:
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "If-Match must be the ETag of one version.")
    version, revision = found.groups()
    return Edition(int(version), None if revision is None else int(revision))


@contextmanager
def conflict_as_412() -> Iterator[None]:
    """Map a conflict of editions to status 412."""
    try:
        yield
    except QuizrunError as error:
        if error.code is ErrorCode.COMMAND_NOT_ALLOWED:
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, error.message) from None
        raise
