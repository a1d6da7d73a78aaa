"""Quiz drafts, stored beside the latest complete version of a quiz."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.acting import on
from db.engine import statements, transaction
from db.ids import new_id
from db.quizzes import (
    Edition,
    check_room_for_quiz,
    is_repeat,
    locked_quiz,
    not_found,
    refuse_stale,
    this_quiz,
)
from db.tables import QuizDraftRow, QuizRow
from quiz.drafts import QuizDraft
from quiz.quotas import UNLIMITED


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A quiz's draft, with the edition that it represents."""

    quiz_id: str
    edition: Edition
    based_on: int
    """The version that was current when the draft was started; 0 if there was none."""
    updated_at: int
    draft: QuizDraft


class QuizDrafts:
    """The repository of drafts."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self, owner_id: str, draft: QuizDraft, now: int, most: int = UNLIMITED
    ) -> StoredDraft:
        """Create a quiz without a complete version: version 0, revision 1.

        Raises `quizzes_quota_reached`.
        """
        stored = StoredDraft(new_id(), Edition(0, 1), 0, now, draft)
        on("quiz", stored.quiz_id)
        async with transaction(self._engine) as connection:
            await check_room_for_quiz(connection, owner_id, most)
            await connection.execute(
                insert(QuizRow).values(
                    id=stored.quiz_id,
                    owner_id=owner_id,
                    version=0,
                    title=draft.title,
                    question_count=len(draft.questions),
                    created_at=now,
                    updated_at=now,
                )
            )
            await _put(connection, stored, None)
        return stored

    async def get(self, owner_id: str, quiz_id: str) -> StoredDraft | None:
        """Return the draft, if there is one. Raises `not_found` if the quiz does not exist."""
        async with statements(self._engine) as connection:
            return await _read(connection, owner_id, quiz_id)

    async def save(
        self,
        owner_id: str,
        quiz_id: str,
        draft: QuizDraft,
        now: int,
        expected: Edition | None,
        key: str | None,
    ) -> StoredDraft:
        """Replace the draft of the `expected` edition; the complete version is kept.

        A repeat with the `key` of the last save returns what that one stored. Raises `not_found`,
        and `command_not_allowed` if the quiz is at a different edition.
        """
        async with transaction(self._engine) as connection:
            row = await locked_quiz(connection, owner_id, quiz_id)
            current = await _read(connection, owner_id, quiz_id)
            if current and is_repeat(row, key):
                return current
            refuse_stale(row, expected)
            edition = Edition(row.version, row.revision + 1)
            based_on = row.version if current is None else current.based_on
            stored = StoredDraft(quiz_id, edition, based_on, now, draft)
            await _put(connection, stored, key)
        return stored


async def _put(connection: AsyncConnection, stored: StoredDraft, key: str | None) -> None:
    values = {
        "revision": stored.edition.revision,
        "based_on": stored.based_on,
        "content": stored.draft.document(),
        "updated_at": stored.updated_at,
    }
    await connection.execute(
        upsert(QuizDraftRow)
        .values(quiz_id=stored.quiz_id, **values)
        .on_conflict_do_update(index_elements=[QuizDraftRow.quiz_id], set_=values)
    )
    listed: dict[str, Any] = {"updated_at": stored.updated_at, "save_key": key}
    if not stored.edition.version:
        listed |= {"title": stored.draft.title, "question_count": len(stored.draft.questions)}
    await connection.execute(update(QuizRow).where(QuizRow.id == stored.quiz_id).values(**listed))


async def _read(connection: AsyncConnection, owner_id: str, quiz_id: str) -> StoredDraft | None:
    found = await connection.execute(
        select(
            QuizRow.version,
            QuizDraftRow.revision,
            QuizDraftRow.based_on,
            QuizDraftRow.updated_at,
            QuizDraftRow.content,
        )
        .outerjoin(QuizDraftRow, QuizDraftRow.quiz_id == QuizRow.id)
        .where(this_quiz(owner_id, quiz_id))
    )
    row = found.first()
    if row is None:
        raise not_found()
    return _stored(quiz_id, row) if row.revision else None


def _stored(quiz_id: str, row: Row[Any]) -> StoredDraft:
    edition = Edition(row.version, row.revision)
    return StoredDraft(quiz_id, edition, row.based_on, row.updated_at, QuizDraft(**row.content))
