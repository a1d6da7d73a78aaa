"""Quizzes with versioned content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.acting import on
from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.quotas import is_exempt
from db.runs import is_rehearsal
from db.tables import QuizDraftRow, QuizRow, QuizVersionRow, RunRow
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import UNLIMITED, check_room
from quiz.run import Phase


@dataclass(frozen=True, slots=True)
class StoredQuiz:
    """A quiz with the content of its latest version."""

    id: str
    version: int
    created_at: int
    updated_at: int
    quiz: Quiz


@dataclass(frozen=True, slots=True)
class QuizSummary:
    """A quiz in the owner's list."""

    id: str
    version: int
    title: str
    language: str | None
    """A BCP 47 tag; that of the draft if there is one."""
    question_count: int
    created_at: int
    updated_at: int
    run_count: int
    last_run_at: int | None
    finished_count: int
    """The number of runs that were finished."""
    complete_at: int | None
    """When the latest complete version was stored."""
    draft_at: int | None
    """When the draft was last saved; None if there is none."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A quiz's version and the revision of its draft (0: no draft), for optimistic locking.

    Callers that do not support drafts leave `revision` None, and it is not compared.
    """

    version: int
    revision: int | None = None

    def __str__(self) -> str:
        """Format the edition as in `If-Match` and the API, such as `3-2`."""
        return f"{self.version}-{self.revision or 0}"


# Versions without runs are deleted, because an editor with autosave creates many of them. Not at
# once, because someone may be opening a run of the previous version.
_DROP_OLD_VERSIONS = text("""
    DELETE FROM quiz_versions v
    WHERE v.quiz_id = :quiz_id
      AND EXISTS (SELECT FROM quiz_versions newer
                  WHERE newer.quiz_id = v.quiz_id AND newer.version > v.version
                    AND newer.created_at < :before)
      AND NOT EXISTS (SELECT FROM runs
                      WHERE runs.quiz_id = v.quiz_id AND runs.quiz_version = v.version)
""")
OLD_VERSION_MS = 60_000
"""How long a version is kept after it was replaced."""


class Quizzes:
    """The repository of quizzes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self, owner_id: str, quiz: Quiz, now: int, most: int = UNLIMITED
    ) -> StoredQuiz:
        """Store a new quiz as version 1. Raises `quizzes_quota_reached`."""
        stored = StoredQuiz(new_id(), 1, now, now, quiz)
        on("quiz", stored.id)
        async with transaction(self._engine) as connection:
            await check_room_for_quiz(connection, owner_id, most)
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
        """Return the owner's quizzes with `search` in the title, last changed first; the total."""
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
                _LANGUAGE.label("language"),
                QuizRow.question_count,
                QuizRow.created_at,
                QuizRow.updated_at,
                QuizVersionRow.created_at.label("complete_at"),
                QuizDraftRow.updated_at.label("draft_at"),
            )
            .outerjoin(QuizVersionRow, _CURRENT)
            .outerjoin(QuizDraftRow, QuizDraftRow.quiz_id == QuizRow.id)
            .where(mine)
            .order_by(QuizRow.updated_at.desc(), QuizRow.id)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            total = await connection.scalar(select(func.count()).where(mine))
            runs = await _runs_of(connection, [row.id for row in rows])
        return [_summary(row, *runs.get(row.id, (0, None, 0))) for row in rows], total or 0

    async def get(self, owner_id: str, quiz_id: str) -> StoredQuiz:
        """Return the quiz at its latest version.

        Raises `not_found`, also for quizzes of other owners, and `quiz_invalid` if there is only a
        draft.
        """
        statement = (
            select(
                QuizRow.id,
                QuizRow.version,
                QuizRow.created_at,
                QuizVersionRow.created_at.label("updated_at"),
                QuizVersionRow.content,
            )
            .outerjoin(QuizVersionRow, _CURRENT)
            .where(this_quiz(owner_id, quiz_id))
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise not_found()
        if row.content is None:
            raise QuizrunError(
                ErrorCode.QUIZ_INVALID, "The quiz has only an incomplete draft so far."
            )
        quiz = Quiz.model_validate(row.content)
        return StoredQuiz(row.id, row.version, row.created_at, row.updated_at, quiz)

    async def replace(
        self,
        owner_id: str,
        quiz_id: str,
        quiz: Quiz,
        now: int,
        expected: Edition | None,
        key: str | None = None,
    ) -> StoredQuiz:
        """Store a new version, and delete the draft that it replaces. Runs keep their version.

        A repeat with the `key` of the last save returns what that one stored. Raises `not_found`,
        and `command_not_allowed` if the quiz is not at the `expected` edition.
        """
        async with transaction(self._engine) as connection:
            row = await locked_quiz(connection, owner_id, quiz_id)
            if row.version and not row.revision and is_repeat(row, key):
                return StoredQuiz(quiz_id, row.version, row.created_at, row.updated_at, quiz)
            refuse_stale(row, expected)
            stored = StoredQuiz(quiz_id, row.version + 1, row.created_at, now, quiz)
            await _add_version(connection, stored)
            await connection.execute(
                update(QuizRow).where(QuizRow.id == quiz_id).values(**_listed(stored), save_key=key)
            )
            if row.revision and (not row.version or (expected and expected.revision is not None)):
                await _drop_draft(connection, quiz_id)
            await connection.execute(
                _DROP_OLD_VERSIONS, {"quiz_id": quiz_id, "before": now - OLD_VERSION_MS}
            )
        return stored

    async def delete(self, owner_id: str, quiz_id: str, now: int) -> None:
        """Hide the quiz; its runs and results are kept. Raises `not_found`."""
        statement = (
            update(QuizRow)
            .where(this_quiz(owner_id, quiz_id))
            .values(deleted_at=now)
            .returning(QuizRow.id)
        )
        async with transaction(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise not_found()
            await _drop_draft(connection, quiz_id)


async def check_room_for_quiz(connection: AsyncConnection, owner_id: str, most: int) -> None:
    """Lock the account, and raise `quizzes_quota_reached` if it has no room for another quiz."""
    if most == UNLIMITED or await is_exempt(connection, owner_id):
        return
    mine = select(func.count()).where(QuizRow.owner_id == owner_id, QuizRow.deleted_at.is_(None))
    check_room("quizzes", await connection.scalar(mine) or 0, most)


_CURRENT = and_(QuizVersionRow.quiz_id == QuizRow.id, QuizVersionRow.version == QuizRow.version)
_LANGUAGE = func.coalesce(
    QuizDraftRow.content["language"].astext, QuizVersionRow.content["language"].astext
)


def this_quiz(owner_id: str, quiz_id: str) -> ColumnElement[bool]:
    """Build the condition for an owner's quiz that is not deleted. Raises `not_found`."""
    if not is_id(quiz_id):
        raise not_found()
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
) -> dict[str, tuple[int, int | None, int]]:
    """The number of runs, the time of the last one, and the number of finished ones, by quiz.

    Rehearsals are not counted.
    """
    statement = (
        select(
            RunRow.quiz_id,
            func.count(),
            func.max(RunRow.created_at),
            func.count().filter(RunRow.phase == Phase.FINISHED),
        )
        .where(RunRow.quiz_id.in_(quiz_ids), ~is_rehearsal())
        .group_by(RunRow.quiz_id)
    )
    rows = await connection.execute(statement)
    return {quiz_id: (count, last_at, finished) for quiz_id, count, last_at, finished in rows}


async def _add_version(connection: AsyncConnection, stored: StoredQuiz) -> None:
    await connection.execute(
        insert(QuizVersionRow).values(
            quiz_id=stored.id,
            version=stored.version,
            content=stored.quiz.model_dump(mode="json", exclude_none=True),
            created_at=stored.updated_at,
        )
    )


@dataclass(frozen=True, slots=True)
class LockedQuiz:
    """A quiz's row, locked until the transaction ends; `revision` is 0 without a draft."""

    version: int
    revision: int
    created_at: int
    updated_at: int
    save_key: str | None


async def locked_quiz(connection: AsyncConnection, owner_id: str, quiz_id: str) -> LockedQuiz:
    """Lock the quiz for a save. Raises `not_found`."""
    found = await connection.execute(
        select(QuizRow.version, QuizRow.created_at, QuizRow.updated_at, QuizRow.save_key)
        .where(this_quiz(owner_id, quiz_id))
        .with_for_update(key_share=True)
    )
    row = found.first()
    if row is None:
        raise not_found()
    # After the lock: the first statement would see the draft as it was before waiting.
    revision = await connection.scalar(
        select(QuizDraftRow.revision).where(QuizDraftRow.quiz_id == quiz_id)
    )
    return LockedQuiz(row.version, revision or 0, row.created_at, row.updated_at, row.save_key)


def is_repeat(row: LockedQuiz, key: str | None) -> bool:
    """Return whether the last save had this key, so that this one repeats it."""
    return key is not None and row.save_key == key


def refuse_stale(row: LockedQuiz, expected: Edition | None) -> None:
    """Raise `command_not_allowed` if the quiz is not at the `expected` edition."""
    if expected is None:
        return
    if row.version != expected.version or expected.revision not in {None, row.revision}:
        raise QuizrunError(
            ErrorCode.COMMAND_NOT_ALLOWED,
            f"The quiz has been changed: it is at version {row.version}"
            f"{f', draft {row.revision}' if row.revision else ''}.",
        )


async def _drop_draft(connection: AsyncConnection, quiz_id: str) -> None:
    await connection.execute(delete(QuizDraftRow).where(QuizDraftRow.quiz_id == quiz_id))


def _summary(row: Any, run_count: int, last_run_at: int | None, finished_count: int) -> QuizSummary:
    return QuizSummary(
        id=row.id,
        version=row.version,
        title=row.title,
        language=row.language,
        question_count=row.question_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        run_count=run_count,
        last_run_at=last_run_at,
        finished_count=finished_count,
        complete_at=row.complete_at,
        draft_at=row.draft_at,
    )


def not_found() -> QuizrunError:
    """Return the error for a quiz that does not exist or belongs to someone else."""
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such quiz.")
