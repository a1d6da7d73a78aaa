"""Pictures and sounds of questions: upload, list, delete, and serve."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from db.media import Content, Kind, Upload
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.middleware import API_POLICY
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page
from gateway.http.ranges import CHUNK_BYTES, ByteRange, chunks, parse_range
from gateway.http.routing import IdempotentRoute
from gateway.http.services import ServicesDep
from gateway.media.inspect import inspect
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

router = APIRouter(prefix="/media", tags=["media"], route_class=IdempotentRoute)
public_router = APIRouter(prefix="/media", tags=["media"])

UPLOADS_PER_MINUTE = 60

_ID = re.compile(r"[0-9a-f]{64}")


async def _media_id(media_id: str) -> str:
    if not _ID.fullmatch(media_id):
        raise _not_found()
    return media_id


def _not_found() -> QuizrunError:
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such file.")


MediaId = Annotated[str, Depends(_media_id)]

PICTURE_KINDS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")
SOUND_KINDS = ("audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav")
KINDS: dict[str, Any] = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in (*PICTURE_KINDS, *SOUND_KINDS)
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The raw file, as `fetch(url, {method: 'POST', body: file})` sends it.",
        "content": KINDS,
    }
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": KINDS},
    206: {"description": "The requested range", "content": KINDS},
    304: {"description": "Not modified"},
    416: {"description": "The range is out of bounds; `Content-Range` has the size"},
    **problems(404, 503),
}
SHOWN = {
    # Files are content-addressed and never change.
    "Cache-Control": "public, max-age=31536000, immutable",
    # If a browser opens the file as a page, nothing in it can run.
    "Content-Security-Policy": f"{API_POLICY}; sandbox",
    # Pages of `QUIZRUN_CORS_ORIGINS` show them, too.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}


class PictureView(BaseModel):
    """An uploaded picture or sound."""

    id: str
    url: str = Field(
        description="The value for `media.url` or `audio.url` of a question",
        examples=["/media/9f86d081…"],
    )
    type: str = Field(examples=["image/webp"])
    width: int = Field(description="0 for a sound", examples=[1280])
    height: int = Field(examples=[720])
    size: int = Field(description="Size in bytes", examples=[84_211])
    created_at: int
    duration_ms: int | None = Field(
        None,
        description="For a new sound, its duration if known; the value for `audio.duration_ms`",
    )


class UsageView(BaseModel):
    """How much of its quota an account uses."""

    pictures: int
    sounds: int
    bytes: int
    max_pictures: int = Field(description="The maximum number of pictures and sounds together")
    max_bytes: int


class PicturePage(Page[PictureView]):
    """A page of the host's pictures or sounds."""

    usage: UsageView


@router.post(
    "",
    status_code=201,
    openapi_extra=BODY,
    responses=problems(401, 403, 409, 413, 422, 429, 503),
)
async def upload_picture(
    request: Request,
    response: Response,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> PictureView:
    """Store a PNG, JPEG, WebP, GIF or AVIF picture of at most 8,000 pixels a side, or an MP3, Ogg
    (Opus, Vorbis), M4A (AAC) or WAV sound of at most ten minutes.

    The type is detected from the content; `Content-Type` is ignored. Uploading the same file again
    returns the same URL. Pictures keep their metadata (EXIF); sounds lose their tags, except for
    Ogg comments.
    """
    await services.operations.rate_limiter.check(
        f"media:{caller.account_id}", UPLOADS_PER_MINUTE, 60, kind="media"
    )
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was interrupted.") from None
    new = await asyncio.to_thread(inspect, content)
    most = services.settings.upload_limits.of(new.type)
    if len(content) > most:
        raise HTTPException(413, f"The file is larger than {most:,} bytes.")
    stored = await services.library.media.add(
        caller.account_id, new, services.settings.media_quota, now_ms()
    )
    view = _view(stored, new.duration_ms)
    response.headers["Location"] = view.url
    return view


@router.get("", responses=problems(401, 422, 503))
async def list_pictures(
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
    kind: Kind = "picture",
) -> PicturePage:
    """List the host's pictures, or with `kind=sound` the sounds, newest first."""
    files, usage = await services.library.media.page(caller.account_id, limit, offset, kind)
    quota = services.settings.media_quota
    return PicturePage(
        items=[_view(file) for file in files],
        total=usage.pictures if kind == "picture" else usage.sounds,
        limit=limit,
        offset=offset,
        usage=UsageView(
            pictures=usage.pictures,
            sounds=usage.sounds,
            bytes=usage.size,
            max_pictures=quota.files,
            max_bytes=quota.size,
        ),
    )


@router.delete("/{media_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def delete_picture(media_id: MediaId, caller: CallerDep, services: ServicesDep) -> None:
    """Delete one of the host's files. Questions that use it lose it, except where it is cached."""
    await services.library.media.remove(caller.account_id, media_id)
    services.files.media_cache.forget(media_id)


@public_router.head("/{media_id}", include_in_schema=False)
@public_router.get("/{media_id}", response_class=Response, responses=FILES)
async def show_picture(media_id: MediaId, request: Request, services: ServicesDep) -> Response:
    """Return a picture or sound, or a range of it. Public to everyone who knows its URL."""
    found = await services.files.media_cache.get(media_id)
    if found is None:
        raise _not_found()
    headers = {**SHOWN, "ETag": f'"{media_id}"'}
    if _knows(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    size = len(found.content)
    try:
        part = parse_range(_range(request, headers["ETag"]), size)
    except ValueError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if part is not None:
        headers["Content-Range"] = part.content_range(size)
    return _sent(found, part or ByteRange(0, size), 206 if part else 200, headers)


def _range(request: Request, etag: str) -> str:
    """Return the `Range` header, unless `If-Range` refers to another version."""
    meant = request.headers.get("if-range", etag)
    return request.headers.get("range", "") if meant == etag else ""


def _sent(found: Content, part: ByteRange, status: int, headers: dict[str, str]) -> Response:
    if part.end - part.start <= CHUNK_BYTES:
        piece = found.content[part.start : part.end]
        return Response(piece, status, headers, media_type=found.type)
    headers["Content-Length"] = str(part.end - part.start)
    return StreamingResponse(chunks(found.content, part), status, headers, media_type=found.type)


def _knows(if_none_match: str, etag: str) -> bool:
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in ("*", etag) for tag in tags)


def _view(stored: Upload, duration_ms: int | None = None) -> PictureView:
    return PictureView(
        id=stored.id,
        url=f"/media/{stored.id}",
        type=stored.type,
        width=stored.width,
        height=stored.height,
        size=stored.size,
        created_at=stored.created_at,
        duration_ms=duration_ms,
    )
