"""Quizzes: versioned content, visible to their owner only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.tables import QuizRow, QuizVersionRow, RunRow
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class StoredQuiz:
    """A quiz with its content at its latest version."""

    id: str
    version: int
    created_at: int
    updated_at: int
    quiz: Quiz


@dataclass(frozen=True, slots=True)
class QuizSummary:
    """A line of the owner's list."""

    id: str
    version: int
    title: str
    question_count: int
    created_at: int
    updated_at: int
    run_count: int
    last_run_at: int | None


# A run keeps the version that it began with. The others are dropped: an editor that saves by
# itself makes many. Not at once: somebody may be opening a run of the one that was current.
_DROP_OLD_VERSIONS = text("""
    DELETE FROM quiz_versions v
    WHERE v.quiz_id = :quiz_id
      AND EXISTS (SELECT FROM quiz_versions newer
                  WHERE newer.quiz_id = v.quiz_id AND newer.version > v.version
                    AND newer.created_at < :before)
      AND NOT EXISTS (SELECT FROM runs
                      WHERE runs.quiz_id = v.quiz_id AND runs.quiz_version = v.version)
""")
KEPT_MS = 60_000
"""How long a version outlives the next one."""


class Quizzes:
    """The repository of quizzes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, owner_id: str, quiz: Quiz, now: int) -> StoredQuiz:
        """Store a new quiz as version 1."""
        stored = StoredQuiz(new_id(), 1, now, now, quiz)
        async with transaction(self._engine) as connection:
            await connection.execute(
                insert(QuizRow).values(
                    id=stored.id, owner_id=owner_id, created_at=now, **_listed(stored)
                )
            )
            await _add_version(connection, stored)
        return stored

    async def page(
        self, owner_id: str, limit: int, offset: int, *, search: str = ""
    ) -> tuple[list[QuizSummary], int]:
        """The owner's quizzes with `search` in their title, the last changed first, and how many
        there are.
        """
        mine = and_(
            QuizRow.owner_id == owner_id,
            QuizRow.deleted_at.is_(None),
            QuizRow.title.icontains(search, autoescape=True),
        )
        lines = (
            select(
                QuizRow.id,
                QuizRow.version,
                QuizRow.title,
                QuizRow.question_count,
                QuizRow.created_at,
                QuizRow.updated_at,
            )
            .where(mine)
            .order_by(QuizRow.updated_at.desc(), QuizRow.id)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            total = await connection.scalar(select(func.count()).where(mine))
            runs = await _runs_of(connection, [row.id for row in rows])
        return [QuizSummary(*row, *runs.get(row.id, (0, None))) for row in rows], total or 0

    async def get(self, owner_id: str, quiz_id: str) -> StoredQuiz:
        """The quiz at its latest version. Raises `not_found`, also when it is somebody else's."""
        statement = (
            select(
                QuizRow.id,
                QuizRow.version,
                QuizRow.created_at,
                QuizRow.updated_at,
                QuizVersionRow.content,
            )
            .join(
                QuizVersionRow,
                and_(
                    QuizVersionRow.quiz_id == QuizRow.id,
                    QuizVersionRow.version == QuizRow.version,
                ),
            )
            .where(_this(owner_id, quiz_id))
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise _not_found()
        quiz = Quiz.model_validate(row.content)
        return StoredQuiz(row.id, row.version, row.created_at, row.updated_at, quiz)

    async def replace(
        self, owner_id: str, quiz_id: str, quiz: Quiz, now: int, expected_version: int | None
    ) -> StoredQuiz:
        """Store a new version. Live runs keep theirs.

        Raises `not_found`, and `command_not_allowed` when the quiz is no longer at
        `expected_version`.
        """
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                select(QuizRow.version, QuizRow.created_at)
                .where(_this(owner_id, quiz_id))
                .with_for_update(key_share=True)
            )
            row = found.first()
            if row is None:
                raise _not_found()
            if expected_version is not None and row.version != expected_version:
                raise QuizrunError(
                    ErrorCode.COMMAND_NOT_ALLOWED,
                    f"The quiz has changed meanwhile: it is at version {row.version}.",
                )
            stored = StoredQuiz(quiz_id, row.version + 1, row.created_at, now, quiz)
            await _add_version(connection, stored)
            await connection.execute(
                update(QuizRow).where(QuizRow.id == quiz_id).values(**_listed(stored))
            )
            await connection.execute(
                _DROP_OLD_VERSIONS, {"quiz_id": quiz_id, "before": now - KEPT_MS}
            )
        return stored

    async def delete(self, owner_id: str, quiz_id: str, now: int) -> None:
        """Hide the quiz; its runs and results stay. Raises `not_found`."""
        statement = (
            update(QuizRow)
            .where(_this(owner_id, quiz_id))
            .values(deleted_at=now)
            .returning(QuizRow.id)
        )
        async with statements(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise _not_found()


def _this(owner_id: str, quiz_id: str) -> ColumnElement[bool]:
    if not is_id(quiz_id):
        raise _not_found()
    return and_(QuizRow.id == quiz_id, QuizRow.owner_id == owner_id, QuizRow.deleted_at.is_(None))


def _listed(stored: StoredQuiz) -> dict[str, Any]:
    return {
        "version": stored.version,
        "title": stored.quiz.title,
        "question_count": len(stored.quiz.questions),
        "updated_at": stored.updated_at,
    }


async def _runs_of(
    connection: AsyncConnection, quiz_ids: list[str]
) -> dict[str, tuple[int, int | None]]:
    """How many runs these quizzes have had, and when the last one was opened."""
    statement = (
        select(RunRow.quiz_id, func.count(), func.max(RunRow.created_at))
        .where(RunRow.quiz_id.in_(quiz_ids))
        .group_by(RunRow.quiz_id)
    )
    rows = await connection.execute(statement)
    return {quiz_id: (count, last_at) for quiz_id, count, last_at in rows}


async def _add_version(connection: AsyncConnection, stored: StoredQuiz) -> None:
    await connection.execute(
        insert(QuizVersionRow).values(
            quiz_id=stored.id,
            version=stored.version,
            content=stored.quiz.model_dump(mode="json", exclude_none=True),
            created_at=stored.updated_at,
        )
    )


def _not_found() -> QuizrunError:
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such quiz.")
