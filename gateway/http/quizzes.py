"""A host's quizzes: list, create, read, replace, duplicate, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from db.quizzes import QuizSummary, StoredQuiz
from gateway.http.access import quiz_owner
from gateway.http.auth import CallerDep
from gateway.http.editions import IfMatch, SaveKey, conflict_as_412, expected_edition
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import QUIZ_BODY, problems
from gateway.http.paging import Limit, Offset, Page, QuizId
from gateway.http.routing import IdempotentRoute
from gateway.http.services import ServicesDep
from quiz.content import Question, Quiz, Title, parse_quiz
from quiz.limits import MAX_TITLE_CHARS
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(prefix="/quizzes", tags=["quizzes"], route_class=IdempotentRoute)

STORED_FIELDS = frozenset({"id", "version", "created_at", "updated_at"})
"""Fields added by storage. They are ignored in requests, so that a GET can be PUT back."""

COPY_MARK = " (copy)"

Document = Annotated[Any, Body()]
Search = Annotated[str, Query(max_length=200, description="Part of the title, case-insensitive")]


class QuizLine(BaseModel):
    """A quiz in a list."""

    id: str
    title: str
    language: str | None = Field(description="The quiz's language, as a BCP 47 tag")
    question_count: int
    version: int = Field(description="0 if there is only a draft")
    created_at: int
    updated_at: int
    run_count: int = Field(description="The number of runs")
    last_run_at: int | None = Field(description="When the latest run was opened")
    finished_count: int = Field(
        default=0, description="The number of runs that were played to the end"
    )
    complete_at: int | None = Field(
        default=None,
        description="When the version that new runs use was stored; null if there is none",
    )
    draft_at: int | None = Field(
        default=None, description="When the current draft was saved; null if there is none"
    )


class Duplication(BaseModel):
    """The copy's title; by default the original's with ` (copy)` appended."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None


class QuizView(BaseModel):
    """A stored quiz in the native format, with its metadata."""

    id: str
    version: int = Field(description="Incremented by every PUT")
    created_at: int
    updated_at: int
    title: str
    language: str
    questions: list[Question]


@router.get("", responses=problems(401, 422, 503))
async def list_quizzes(
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
    search: Search = "",
) -> Page[QuizLine]:
    """List the host's quizzes, most recently changed first."""
    found, total = await services.library.quizzes.page(
        caller.account_id, limit, offset, search=search
    )
    return Page(items=[_line(quiz) for quiz in found], total=total, limit=limit, offset=offset)


@router.post(
    "",
    status_code=201,
    response_model_exclude_none=True,
    openapi_extra=QUIZ_BODY,
    responses=problems(401, 403, 409, 413, 422, 503),
)
async def create_quiz(
    response: Response,
    document: Document,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> QuizView:
    """Store a quiz. `quiz_invalid` lists up to 20 problems by question and field."""
    quiz = await _parsed(document)
    stored = await services.library.quizzes.create(
        caller.account_id, quiz, now_ms(), services.settings.quotas.quizzes
    )
    response.headers["Location"] = f"/api/v1/quizzes/{stored.id}"
    return view(stored, response)


@router.post(
    "/{quiz_id}/duplicate",
    status_code=201,
    response_model_exclude_none=True,
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def duplicate_quiz(
    quiz_id: QuizId,
    response: Response,
    caller: CallerDep,
    services: ServicesDep,
    wanted: Duplication | None = None,
    _key: KeyHeader = None,
) -> QuizView:
    """Store a copy of the quiz's current version."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    original = await services.library.quizzes.get(owner, quiz_id)
    title = (wanted and wanted.title) or _copy_title(original.quiz.title)
    quiz = original.quiz.model_copy(update={"title": title})
    stored = await services.library.quizzes.create(
        caller.account_id, quiz, now_ms(), services.settings.quotas.quizzes
    )
    response.headers["Location"] = f"/api/v1/quizzes/{stored.id}"
    return view(stored, response)


@router.get("/{quiz_id}", response_model_exclude_none=True, responses=problems(401, 404, 503))
async def read_quiz(
    quiz_id: QuizId, response: Response, caller: CallerDep, services: ServicesDep
) -> QuizView:
    """Return a quiz with its solutions. Its version is also the `ETag`."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    return view(await services.library.quizzes.get(owner, quiz_id), response)


@router.put(
    "/{quiz_id}",
    response_model_exclude_none=True,
    openapi_extra=QUIZ_BODY,
    responses=problems(401, 403, 404, 412, 413, 422, 503),
)
async def replace_quiz(
    quiz_id: QuizId,
    response: Response,
    document: Document,
    caller: CallerDep,
    services: ServicesDep,
    if_match: IfMatch = None,
    key: SaveKey = None,
) -> QuizView:
    """Store a new version. Runs keep the version they were opened with."""
    expected = expected_edition(if_match)
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.EDIT)
    quiz = await _parsed(document)
    with conflict_as_412():
        stored = await services.library.quizzes.replace(
            owner, quiz_id, quiz, now_ms(), expected, key
        )
    return view(stored, response)


@router.delete("/{quiz_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def delete_quiz(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> None:
    """Delete a quiz. Its runs and their results remain."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    await services.library.quizzes.delete(owner, quiz_id, now_ms())


def _copy_title(title: str) -> str:
    return title[: MAX_TITLE_CHARS - len(COPY_MARK)] + COPY_MARK


async def _parsed(document: Any) -> Quiz:
    """Parse in a thread: a large quiz takes tens of milliseconds."""
    return await asyncio.to_thread(parse_quiz, without_stored_fields(document))


def without_stored_fields(document: Any) -> Any:
    """Return the document without the fields that storage added."""
    if not isinstance(document, dict):
        return document
    return {name: value for name, value in document.items() if name not in STORED_FIELDS}


def view(stored: StoredQuiz, response: Response) -> QuizView:
    """Return a stored quiz, and set its version in the response headers."""
    response.headers["ETag"] = f'"{stored.version}"'
    return quiz_view(stored)


def quiz_view(stored: StoredQuiz) -> QuizView:
    """Convert a stored quiz."""
    return QuizView(
        id=stored.id,
        version=stored.version,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        title=stored.quiz.title,
        language=stored.quiz.language,
        questions=stored.quiz.questions,
    )


def _line(quiz: QuizSummary) -> QuizLine:
    return QuizLine(
        id=quiz.id,
        title=quiz.title,
        language=quiz.language,
        question_count=quiz.question_count,
        version=quiz.version,
        created_at=quiz.created_at,
        updated_at=quiz.updated_at,
        run_count=quiz.run_count,
        last_run_at=quiz.last_run_at,
        finished_count=quiz.finished_count,
        complete_at=quiz.complete_at,
        draft_at=quiz.draft_at,
    )
