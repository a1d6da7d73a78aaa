"""A host's quizzes: list, write, read, replace, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from db.quizzes import QuizSummary, StoredQuiz
from gateway.http.access import quiz_owner
from gateway.http.auth import CallerDep
from gateway.http.editions import IfMatch, SaveKey, expected_edition, stale_as_412
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import QUIZ_BODY, problems
from gateway.http.paging import Limit, Offset, Page, QuizId
from gateway.http.routing import OnceRoute
from gateway.http.services import ServicesDep
from quiz.content import MAX_TITLE_CHARS, Question, Quiz, Title, parse_quiz
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(prefix="/quizzes", tags=["quizzes"], route_class=OnceRoute)

STORED_FIELDS = frozenset({"id", "version", "created_at", "updated_at"})
"""What a quiz has once it is stored; ignored when it comes back, so that GET then PUT works."""

COPY_MARK = " (copy)"

Document = Annotated[Any, Body()]
Search = Annotated[
    str, Query(max_length=200, description="Part of the title, in whatever case it is written")
]


class QuizLine(BaseModel):
    """A quiz in a list."""

    id: str
    title: str
    language: str | None = Field(description="The quiz's language, as a BCP 47 tag")
    question_count: int
    version: int = Field(description="0 while there is nothing but a draft")
    created_at: int
    updated_at: int
    run_count: int = Field(description="How often it was run")
    last_run_at: int | None = Field(description="When its last run was opened")
    finished_count: int = Field(default=0, description="How many runs were played to their end")
    complete_at: int | None = Field(
        default=None, description="When the version that runs start from was stored; null for none"
    )
    draft_at: int | None = Field(
        default=None, description="When a draft was saved that is not complete yet; null for none"
    )


class Duplication(BaseModel):
    """What the copy is called; else like the original, with ` (copy)` added."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None


class QuizView(BaseModel):
    """A stored quiz: the native format, and what storing it added."""

    id: str
    version: int = Field(description="Grows by one with every PUT")
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
    """The host's quizzes, the latest changed first."""
    found, total = await services.quizzes.page(caller.account_id, limit, offset, search=search)
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
    """Store a quiz. `quiz_invalid` names question and field, and lists up to 20 problems."""
    quiz = await _parsed(document)
    stored = await services.quizzes.create(caller.account_id, quiz, now_ms())
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
    """Store a copy of the quiz as it is now."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    original = await services.quizzes.get(owner, quiz_id)
    title = (wanted and wanted.title) or _copy_title(original.quiz.title)
    quiz = original.quiz.model_copy(update={"title": title})
    stored = await services.quizzes.create(caller.account_id, quiz, now_ms())
    response.headers["Location"] = f"/api/v1/quizzes/{stored.id}"
    return view(stored, response)


@router.get("/{quiz_id}", response_model_exclude_none=True, responses=problems(401, 404, 503))
async def read_quiz(
    quiz_id: QuizId, response: Response, caller: CallerDep, services: ServicesDep
) -> QuizView:
    """A quiz with its solutions; its version is also the `ETag`."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    return view(await services.quizzes.get(owner, quiz_id), response)


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
    """Store a new version. Runs that are under way go on with the one that they started with."""
    expected = expected_edition(if_match)
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.EDIT)
    quiz = await _parsed(document)
    with stale_as_412():
        stored = await services.quizzes.replace(owner, quiz_id, quiz, now_ms(), expected, key)
    return view(stored, response)


@router.delete("/{quiz_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def delete_quiz(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> None:
    """Delete a quiz. Its runs, and their results, stay."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    await services.quizzes.delete(owner, quiz_id, now_ms())


def _copy_title(title: str) -> str:
    return title[: MAX_TITLE_CHARS - len(COPY_MARK)] + COPY_MARK


async def _parsed(document: Any) -> Quiz:
    """The quiz, read in a thread: a large one takes tens of milliseconds."""
    return await asyncio.to_thread(parse_quiz, without_stored_fields(document))


def without_stored_fields(document: Any) -> Any:
    """The document as it was before it was stored."""
    if not isinstance(document, dict):
        return document
    return {name: value for name, value in document.items() if name not in STORED_FIELDS}


def view(stored: StoredQuiz, response: Response) -> QuizView:
    """A stored quiz as it is answered, with its version in the headers."""
    response.headers["ETag"] = f'"{stored.version}"'
    return quiz_view(stored)


def quiz_view(stored: StoredQuiz) -> QuizView:
    """The quiz as it is sent."""
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
