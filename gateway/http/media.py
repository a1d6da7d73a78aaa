"""Pictures and sounds of questions: upload, list and delete one's own; give any to everybody."""

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
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page
from gateway.http.ranges import CHUNK_BYTES, Part, asked_part, chunks
from gateway.http.routing import OnceRoute
from gateway.http.services import ServicesDep
from gateway.media.inspect import inspect
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

router = APIRouter(prefix="/media", tags=["media"], route_class=OnceRoute)
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
        "description": "The file itself, as `fetch(url, {method: 'POST', body: file})` sends it.",
        "content": KINDS,
    }
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": KINDS},
    206: {"description": "The part that `Range` asks for", "content": KINDS},
    304: {"description": "The browser has it already"},
    416: {"description": "There is no such part; `Content-Range` tells the size"},
    **problems(404, 503),
}
SHOWN = {
    # A file never changes under its address.
    "Cache-Control": "public, max-age=31536000, immutable",
    # Should a browser open it as a page, it is an empty one that can do nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}


class PictureView(BaseModel):
    """An uploaded picture or sound."""

    id: str
    url: str = Field(
        description="For `media.url` or `audio.url` of a question", examples=["/media/9f86d081…"]
    )
    type: str = Field(examples=["image/webp"])
    width: int = Field(description="0 for a sound", examples=[1280])
    height: int = Field(examples=[720])
    size: int = Field(description="In bytes", examples=[84_211])
    created_at: int
    duration_ms: int | None = Field(
        None, description="Of a sound that was just uploaded and tells it; for `audio.duration_ms`"
    )


class UsageView(BaseModel):
    """How much of its quota an account has used."""

    pictures: int
    sounds: int
    bytes: int
    max_pictures: int = Field(description="Pictures and sounds together")
    max_bytes: int


class PicturePage(Page[PictureView]):
    """The host's pictures or sounds."""

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

    The bytes are judged, not the `Content-Type`. The same file has the same address however often
    it is uploaded. A picture is stored as it is, with its metadata (EXIF); a sound without its
    tags, except for the comments of Ogg.
    """
    await services.rate_limiter.check(
        f"media:{caller.account_id}", UPLOADS_PER_MINUTE, 60, kind="media"
    )
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was broken off.") from None
    new = await asyncio.to_thread(inspect, content)
    most = services.settings.upload_limits.of(new.type)
    if len(content) > most:
        raise HTTPException(413, f"The file is larger than {most:,} bytes.")
    stored = await services.media.add(
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
    """The host's pictures, or with `kind=sound` the sounds, the last uploaded first."""
    files, usage = await services.media.page(caller.account_id, limit, offset, kind)
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
    """Delete one of the host's files. Questions that have it lose it, where it is not cached."""
    await services.media.remove(caller.account_id, media_id)
    services.media_cache.forget(media_id)


@public_router.head("/{media_id}", include_in_schema=False)
@public_router.get("/{media_id}", response_class=Response, responses=FILES)
async def show_picture(media_id: MediaId, request: Request, services: ServicesDep) -> Response:
    """The picture or the sound, for everybody who knows its address; also a part of it."""
    found = await services.media_cache.get(media_id)
    if found is None:
        raise _not_found()
    headers = {**SHOWN, "ETag": f'"{media_id}"'}
    if _knows(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    size = len(found.content)
    try:
        part = asked_part(_range(request, headers["ETag"]), size)
    except ValueError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if part is not None:
        headers["Content-Range"] = part.content_range(size)
    return _sent(found, part or Part(0, size), 206 if part else 200, headers)


def _range(request: Request, etag: str) -> str:
    """The `Range` header, unless it is meant for another file than this."""
    meant = request.headers.get("if-range", etag)
    return request.headers.get("range", "") if meant == etag else ""


def _sent(found: Content, part: Part, status: int, headers: dict[str, str]) -> Response:
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
