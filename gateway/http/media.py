"""Pictures of questions: upload, list and delete one's own; show any to everybody."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from db.media import Picture
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page
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
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such picture.")


MediaId = Annotated[str, Depends(_media_id)]

KINDS: dict[str, Any] = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, as `fetch(url, {method: 'POST', body: file})` sends it.",
        "content": KINDS,
    }
}
PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": KINDS},
    304: {"description": "The browser has it already"},
    **problems(404, 503),
}
SHOWN = {
    # A picture never changes under its address.
    "Cache-Control": "public, max-age=31536000, immutable",
    # Should a browser open it as a page, it is an empty one that can do nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class PictureView(BaseModel):
    """An uploaded picture."""

    id: str
    url: str = Field(description="For `media.url` of a question", examples=["/media/9f86d081…"])
    type: str = Field(examples=["image/webp"])
    width: int = Field(examples=[1280])
    height: int = Field(examples=[720])
    size: int = Field(description="In bytes", examples=[84_211])
    created_at: int


class UsageView(BaseModel):
    """How much of its quota an account has used."""

    pictures: int
    bytes: int
    max_pictures: int
    max_bytes: int


class PicturePage(Page[PictureView]):
    """The host's pictures."""

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
    """Store a PNG, JPEG, WebP, GIF or AVIF picture of at most 8,000 pixels a side.

    The bytes are judged, not the `Content-Type`. The same picture has the same address however
    often it is uploaded. It is stored as it is, with its metadata (EXIF).
    """
    await services.rate_limiter.check(
        f"media:{caller.account_id}", UPLOADS_PER_MINUTE, 60, kind="media"
    )
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The upload was broken off.") from None
    new = await asyncio.to_thread(inspect, content)
    quota = services.settings.media_quota
    picture = await services.media.add(caller.account_id, new, quota, now_ms())
    view = _view(picture)
    response.headers["Location"] = view.url
    return view


@router.get("", responses=problems(401, 422, 503))
async def list_pictures(
    caller: CallerDep, services: ServicesDep, limit: Limit = 20, offset: Offset = 0
) -> PicturePage:
    """The host's pictures, the last uploaded first."""
    pictures, usage = await services.media.page(caller.account_id, limit, offset)
    quota = services.settings.media_quota
    return PicturePage(
        items=[_view(picture) for picture in pictures],
        total=usage.pictures,
        limit=limit,
        offset=offset,
        usage=UsageView(
            pictures=usage.pictures,
            bytes=usage.size,
            max_pictures=quota.pictures,
            max_bytes=quota.size,
        ),
    )


@router.delete("/{media_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def delete_picture(media_id: MediaId, caller: CallerDep, services: ServicesDep) -> None:
    """Delete one of the host's pictures. Questions that show it lose it, where it is not cached."""
    await services.media.remove(caller.account_id, media_id)
    services.media_cache.forget(media_id)


@public_router.head("/{media_id}", include_in_schema=False)
@public_router.get("/{media_id}", response_class=Response, responses=PICTURES)
async def show_picture(media_id: MediaId, request: Request, services: ServicesDep) -> Response:
    """The picture, for everybody who knows its address."""
    found = await services.media_cache.get(media_id)
    if found is None:
        raise _not_found()
    headers = {**SHOWN, "ETag": f'"{media_id}"'}
    if _knows(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.type)


def _knows(if_none_match: str, etag: str) -> bool:
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in ("*", etag) for tag in tags)


def _view(picture: Picture) -> PictureView:
    return PictureView(
        id=picture.id,
        url=f"/media/{picture.id}",
        type=picture.type,
        width=picture.width,
        height=picture.height,
        size=picture.size,
        created_at=picture.created_at,
    )
