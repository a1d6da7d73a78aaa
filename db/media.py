"""Pictures and sounds: deduplicated by content, with a quota for each account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.tables import MediaOwnerRow, MediaRow
from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import UNLIMITED


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A picture or sound to store. `id` is the SHA-256 of `content` in hexadecimal.

    Sounds have a width and height of 0, and `duration_ms` if known.
    """

    id: str
    type: str
    width: int
    height: int
    content: bytes
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file; `size` is in bytes."""

    id: str
    type: str
    width: int
    height: int
    size: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a picture or sound."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account has stored; `size` is in bytes."""

    pictures: int
    sounds: int
    size: int


@dataclass(frozen=True, slots=True)
class Quota:
    """The maximum that an account may store: files of all kinds, and bytes; 0 means unlimited."""

    files: int
    size: int

    def has_room(self, used: Usage, size: int) -> bool:
        """Return whether a file of `size` bytes fits beside what is used."""
        files = used.pictures + used.sounds
        return (self.files == UNLIMITED or files < self.files) and (
            self.size == UNLIMITED or used.size + size <= self.size
        )


Kind = Literal["picture", "sound"]


_COLUMNS = (
    MediaRow.id,
    MediaRow.type,
    MediaRow.width,
    MediaRow.height,
    MediaRow.size,
    MediaOwnerRow.created_at,
)
_OF_KIND = {
    "picture": MediaRow.type.like("image/%"),
    "sound": MediaRow.type.like("audio/%"),
}
# Uploads of an account are serialised, so that concurrent ones cannot exceed the quota. So are
# operations on one file, so that it is not deleted while someone else uploads it.
_LOCK_ACCOUNT = text("SELECT id FROM accounts WHERE id = :id FOR NO KEY UPDATE")
_LOCK_FILE = text("SELECT pg_advisory_xact_lock(hashtextextended('media ' || :id, 0))")


class Media:
    """The repository of pictures and sounds."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, account_id: str, new: NewUpload, quota: Quota, now: int) -> Upload:
        """Store a file for an account; idempotent. Raises `media_quota_reached`."""
        async with transaction(self._engine) as connection:
            await connection.execute(_LOCK_ACCOUNT, {"id": account_id})
            await connection.execute(_LOCK_FILE, {"id": new.id})
            known = await _owned(connection, account_id, new.id)
            if known is not None:
                return known
            used = await _usage(connection, account_id)
            if not quota.has_room(used, len(new.content)):
                raise _quota_reached(quota)
            stored = Upload(new.id, new.type, new.width, new.height, len(new.content), now)
            values = {
                "id": new.id,
                "type": new.type,
                "width": new.width,
                "height": new.height,
                "size": stored.size,
                "content": new.content,
            }
            await connection.execute(insert(MediaRow).values(values).on_conflict_do_nothing())
            owner = {"account_id": account_id, "media_id": new.id, "created_at": now}
            await connection.execute(insert(MediaOwnerRow).values(owner))
        return stored

    async def content(self, media_id: str) -> Content | None:
        """Return the content of a file of any account."""
        statement = select(MediaRow.type, MediaRow.content).where(MediaRow.id == media_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Content(row.type, bytes(row.content)) if row else None

    async def page(
        self, account_id: str, limit: int, offset: int, kind: Kind = "picture"
    ) -> tuple[list[Upload], Usage]:
        """Return the account's files of a kind, latest first, and its total usage."""
        lines = (
            select(*_COLUMNS)
            .join(MediaOwnerRow, MediaOwnerRow.media_id == MediaRow.id)
            .where(MediaOwnerRow.account_id == account_id, _OF_KIND[kind])
            .order_by(MediaOwnerRow.created_at.desc(), MediaRow.id)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            usage = await _usage(connection, account_id)
        return [Upload(*row) for row in rows], usage

    async def remove(self, account_id: str, media_id: str) -> None:
        """Remove a file from an account; delete it if it was the last owner. Raises `not_found`."""
        mine = (MediaOwnerRow.account_id == account_id, MediaOwnerRow.media_id == media_id)
        others = select(MediaOwnerRow.account_id).where(MediaOwnerRow.media_id == media_id)
        async with transaction(self._engine) as connection:
            await connection.execute(_LOCK_FILE, {"id": media_id})
            if (await connection.execute(delete(MediaOwnerRow).where(*mine))).rowcount == 0:
                raise QuizrunError(ErrorCode.NOT_FOUND, "You have no such file.")
            await connection.execute(
                delete(MediaRow).where(MediaRow.id == media_id, ~others.exists())
            )


async def _owned(connection: AsyncConnection, account_id: str, media_id: str) -> Upload | None:
    statement = (
        select(*_COLUMNS)
        .join(MediaOwnerRow, MediaOwnerRow.media_id == MediaRow.id)
        .where(MediaOwnerRow.account_id == account_id, MediaRow.id == media_id)
    )
    row = (await connection.execute(statement)).first()
    return Upload(*row) if row else None


async def _usage(connection: AsyncConnection, account_id: str) -> Usage:
    statement = (
        select(
            func.count().filter(_OF_KIND["picture"]),
            func.count().filter(_OF_KIND["sound"]),
            func.coalesce(func.sum(MediaRow.size), 0),
        )
        .select_from(MediaOwnerRow)
        .join(MediaRow, MediaRow.id == MediaOwnerRow.media_id)
        .where(MediaOwnerRow.account_id == account_id)
    )
    pictures, sounds, size = (await connection.execute(statement)).one()
    return Usage(pictures, sounds, int(size))


def _quota_reached(quota: Quota) -> QuizrunError:
    return QuizrunError(
        ErrorCode.MEDIA_QUOTA_REACHED,
        f"An account can have {quota.files:,} pictures and sounds of "
        f"{quota.size // 1_000_000:,} MB in total. Delete some first.",
    )
