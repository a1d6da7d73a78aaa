"""Export and import quizzes as files, with their pictures and sounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from db.acting import noting
from db.media import Content
from gateway.archive.reading import Imported, read_archive, read_document
from gateway.archive.references import UPLOADED, references
from gateway.archive.writing import write_archive
from gateway.export.file_name import quiz_file
from gateway.http.access import quiz_owner
from gateway.http.auth import CallerDep, identify
from gateway.http.exporting import count_export
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import QuizId
from gateway.http.quizzes import QuizView, view, without_stored_fields
from gateway.http.routing import IdempotentRoute
from gateway.http.services import Services, ServicesDep, services_of
from gateway.media.inspect import UploadLimits
from quiz.content import Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from telemetry.clock import now_ms

IMPORTS_PER_MINUTE = 20

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The raw file: an archive from `export`, or a quiz in JSON.",
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "object"}},
        }
    },
    **problems(401, 404, 422, 429, 503),
}


class ImportRoute(IdempotentRoute):
    """A route for large uploads, which limits callers before reading the body."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return `IdempotentRoute`'s handler behind a limit per account and one per process."""
        handle = super().get_route_handler()

        async def counted(request: Request) -> Response:
            caller = await identify(request)
            services = services_of(request)
            await services.operations.rate_limiter.check(
                f"import:{caller.account_id}", IMPORTS_PER_MINUTE, 60, kind="media"
            )
            with services.files.import_limit.slot():
                response: Response = await handle(request)
            return response

        return counted


router = APIRouter(prefix="/quizzes", tags=["quizzes"], route_class=ImportRoute)


@router.get("/{quiz_id}/export", response_class=Response, responses=FILES)
async def export_quiz(
    quiz_id: QuizId,
    caller: CallerDep,
    services: ServicesDep,
    format: Literal["zip", "json"] = "zip",  # noqa: A002
) -> Response:
    """Export a quiz: `zip` includes its pictures and sounds, `json` only their URLs.

    Fails with `export_too_large` if the archive would exceed the limit for imports.
    """
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    noting(format=format)
    stored = await services.library.quizzes.get(owner, quiz_id)
    await count_export(services, caller)
    document = stored.quiz.model_dump(mode="json", exclude_none=True)
    headers = {"Content-Disposition": quiz_file(stored.quiz.title, format)}
    if format == "json":
        content = stored.quiz.model_dump_json(exclude_none=True, indent=2).encode()
        return Response(content, headers=headers, media_type="application/json")
    media = await _uploads(services, document)
    packed = await asyncio.to_thread(write_archive, document, media)
    return Response(packed, headers=headers, media_type="application/zip")


@router.post(
    "/import",
    status_code=201,
    response_model_exclude_none=True,
    openapi_extra=BODY,
    responses=problems(401, 403, 409, 413, 422, 429, 503),
)
async def import_quiz(
    request: Request,
    response: Response,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> QuizView:
    """Import a quiz file, storing its pictures and sounds as the caller's.

    The format is detected from the content; `Content-Type` is ignored. Files are content-addressed:
    importing one again takes no more space. `import_invalid` describes a bad archive; other errors
    are those of storing quizzes and files one by one.
    """
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was interrupted.") from None
    settings = services.settings
    found = await asyncio.to_thread(
        read_import, content, settings.upload_limits, settings.max_archive_bytes
    )
    for file in found.media:
        await services.library.media.add(caller.account_id, file, settings.media_quota, now_ms())
    stored = await services.library.quizzes.create(
        caller.account_id, found.quiz, now_ms(), services.settings.quotas.quizzes
    )
    response.headers["Location"] = f"/api/v1/quizzes/{stored.id}"
    return view(stored, response)


def read_import(content: bytes, limits: UploadLimits, all_bytes: int) -> Imported:
    """Read a quiz as JSON or an archive. Raises `import_invalid` or `quiz_invalid`."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return Imported(_quiz(content[: limits.picture + 1], limits.picture), [])
    return read_archive(content, limits, all_bytes)


def _quiz(text: bytes, most: int) -> Quiz:
    if len(text) > most:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, f"The quiz is larger than {most:,} bytes.")
    return parse_quiz(without_stored_fields(read_document(text)))


async def _uploads(services: Services, document: dict[str, Any]) -> dict[str, Content]:
    """Return the quiz's uploads by id, without deleted ones."""
    found: dict[str, Content] = {}
    left = services.settings.max_archive_bytes - services.settings.max_body_bytes
    for url in references(document):
        upload = UPLOADED.fullmatch(url)
        if upload is None or upload[1] in found:
            continue
        content = await services.library.media.content(upload[1])
        if content is None:
            continue
        left -= len(content.content)
        if left < 0:
            raise QuizrunError(
                ErrorCode.EXPORT_TOO_LARGE,
                "With its pictures and sounds, the quiz exceeds the maximum archive size of "
                f"{services.settings.max_archive_bytes // 1_000_000} MB.",
            )
        found[upload[1]] = content
    return found
