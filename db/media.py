"""Pictures: stored once however often they are uploaded, and counted for each account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.tables import MediaOwnerRow, MediaRow
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture to store. `id` is the SHA-256 of `content` in hexadecimal."""

    id: str
    type: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a stored picture; `size` in bytes, `created_at` when it was uploaded."""

    id: str
    type: str
    width: int
    height: int
    size: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a picture."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """How much an account has, or may have."""

    pictures: int
    size: int


_COLUMNS = (
    MediaRow.id,
    MediaRow.type,
    MediaRow.width,
    MediaRow.height,
    MediaRow.size,
    MediaOwnerRow.created_at,
)
# Uploads of an account wait for each other, so that none passes the quota beside another; what
# concerns one picture waits too, so that it is not dropped while somebody else uploads it.
_LOCK_ACCOUNT = text("SELECT id FROM accounts WHERE id = :id FOR NO KEY UPDATE")
_LOCK_PICTURE = text("SELECT pg_advisory_xact_lock(hashtextextended('media ' || :id, 0))")


class Media:
    """The repository of pictures."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, account_id: str, new: NewPicture, quota: Usage, now: int) -> Picture:
        """Store a picture for an account; nothing happens when it has it already.

        Raises `media_quota_reached`.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(_LOCK_ACCOUNT, {"id": account_id})
            await connection.execute(_LOCK_PICTURE, {"id": new.id})
            known = await _owned(connection, account_id, new.id)
            if known is not None:
                return known
            used = await _usage(connection, account_id)
            if used.pictures >= quota.pictures or used.size + len(new.content) > quota.size:
                raise _quota_reached(quota)
            picture = Picture(new.id, new.type, new.width, new.height, len(new.content), now)
            values = {
                "id": new.id,
                "type": new.type,
                "width": new.width,
                "height": new.height,
                "size": picture.size,
                "content": new.content,
            }
            await connection.execute(insert(MediaRow).values(values).on_conflict_do_nothing())
            owner = {"account_id": account_id, "media_id": new.id, "created_at": now}
            await connection.execute(insert(MediaOwnerRow).values(owner))
        return picture

    async def content(self, media_id: str) -> Content | None:
        """The picture itself, whosever it is."""
        statement = select(MediaRow.type, MediaRow.content).where(MediaRow.id == media_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Content(row.type, bytes(row.content)) if row else None

    async def page(self, account_id: str, limit: int, offset: int) -> tuple[list[Picture], Usage]:
        """The account's pictures, the last uploaded first, and what all of them come to."""
        lines = (
            select(*_COLUMNS)
            .join(MediaOwnerRow, MediaOwnerRow.media_id == MediaRow.id)
            .where(MediaOwnerRow.account_id == account_id)
            .order_by(MediaOwnerRow.created_at.desc(), MediaRow.id)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            usage = await _usage(connection, account_id)
        return [Picture(*row) for row in rows], usage

    async def remove(self, account_id: str, media_id: str) -> None:
        """Take a picture from an account; gone when nobody has it. Raises `not_found`."""
        mine = (MediaOwnerRow.account_id == account_id, MediaOwnerRow.media_id == media_id)
        others = select(MediaOwnerRow.account_id).where(MediaOwnerRow.media_id == media_id)
        async with transaction(self._engine) as connection:
            await connection.execute(_LOCK_PICTURE, {"id": media_id})
            if (await connection.execute(delete(MediaOwnerRow).where(*mine))).rowcount == 0:
                raise QuizrunError(ErrorCode.NOT_FOUND, "You have no such picture.")
            await connection.execute(
                delete(MediaRow).where(MediaRow.id == media_id, ~others.exists())
            )


async def _owned(connection: AsyncConnection, account_id: str, media_id: str) -> Picture | None:
    statement = (
        select(*_COLUMNS)
        .join(MediaOwnerRow, MediaOwnerRow.media_id == MediaRow.id)
        .where(MediaOwnerRow.account_id == account_id, MediaRow.id == media_id)
    )
    row = (await connection.execute(statement)).first()
    return Picture(*row) if row else None


async def _usage(connection: AsyncConnection, account_id: str) -> Usage:
    statement = (
        select(func.count(), func.coalesce(func.sum(MediaRow.size), 0))
        .select_from(MediaOwnerRow)
        .join(MediaRow, MediaRow.id == MediaOwnerRow.media_id)
        .where(MediaOwnerRow.account_id == account_id)
    )
    pictures, size = (await connection.execute(statement)).one()
    return Usage(pictures, int(size))


def _quota_reached(quota: Usage) -> QuizrunError:
    return QuizrunError(
        ErrorCode.MEDIA_QUOTA_REACHED,
        f"An account can have {quota.pictures:,} pictures of {quota.size // 1_000_000:,} MB "
        "altogether; delete some first.",
    )
