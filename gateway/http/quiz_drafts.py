"""Drafts: incomplete quizzes of the editor."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from db.quiz_drafts import StoredDraft
from db.quizzes import Edition, StoredQuiz
from gateway.http.access import quiz_owner
from gateway.http.auth import CallerDep
from gateway.http.editions import IfMatch, SaveKey, conflict_as_412, expected_edition
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import QuizId
from gateway.http.quizzes import QuizView, quiz_view
from gateway.http.routing import IdempotentRoute
from gateway.http.services import ServicesDep
from quiz.drafts import QuizDraft, parse_draft
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(prefix="/quizzes", tags=["quizzes"], route_class=IdempotentRoute)


class DraftDocument(BaseModel):
    """An incomplete quiz. Its questions are in the editor's own format."""

    title: str = Field(max_length=200)
    language: str = Field(max_length=35)
    questions: list[dict[str, Any]] = Field(max_length=500)


class SavedDraft(BaseModel):
    """The state of a quiz after saving its draft."""

    id: str
    version: int = Field(description="The version that new runs use; 0 if there is none")
    edition: str = Field(description='For `If-Match`, such as `"3-2"`: version 3 with draft 2')
    updated_at: int


class QuizEdit(BaseModel):
    """Everything an editor needs to open a quiz."""

    id: str
    edition: str
    quiz: QuizView | None = Field(default=None, description="The latest complete version")
    draft: DraftDocument | None = Field(default=None, description="The draft of the next version")
    draft_at: int | None = Field(default=None, description="When the draft was saved")
    outdated: bool = Field(
        description="Whether another version was stored after the draft was started"
    )


DRAFT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DraftDocument"}}},
    }
}
Document = Annotated[Any, Body()]


@router.post(
    "/drafts",
    status_code=201,
    openapi_extra=DRAFT_BODY,
    responses=problems(401, 403, 409, 413, 422, 503),
)
async def create_draft(
    response: Response,
    document: Document,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> SavedDraft:
    """Create a quiz as a draft. It can be run once a complete version is stored."""
    draft = await _parsed(document)
    stored = await services.library.drafts.create(
        caller.account_id, draft, now_ms(), services.settings.quotas.quizzes
    )
    response.headers["Location"] = f"/api/v1/quizzes/{stored.quiz_id}/edit"
    return _saved(stored)


@router.get("/{quiz_id}/edit", response_model_exclude_none=True, responses=problems(401, 404, 503))
async def read_for_editing(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> QuizEdit:
    """Return the latest complete version and the draft of the next one."""
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.EDIT)
    stored = await services.library.drafts.get(owner, quiz_id)
    quiz = await _complete(services, owner, quiz_id)
    version = quiz.version if quiz else 0
    if stored is None:
        return QuizEdit(
            id=quiz_id, edition=str(Edition(version)), quiz=quiz and quiz_view(quiz), outdated=False
        )
    return QuizEdit(
        id=quiz_id,
        edition=str(stored.edition),
        quiz=quiz and quiz_view(quiz),
        draft=DraftDocument(**stored.draft.document()),
        draft_at=stored.updated_at,
        outdated=stored.based_on != version,
    )


@router.put(
    "/{quiz_id}/draft",
    openapi_extra=DRAFT_BODY,
    responses=problems(401, 403, 404, 412, 413, 422, 503),
)
async def save_draft(
    quiz_id: QuizId,
    document: Document,
    caller: CallerDep,
    services: ServicesDep,
    if_match: IfMatch = None,
    key: SaveKey = None,
) -> SavedDraft:
    """Save an incomplete quiz as a draft beside the latest complete version."""
    expected = expected_edition(if_match)
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.EDIT)
    draft = await _parsed(document)
    with conflict_as_412():
        stored = await services.library.drafts.save(owner, quiz_id, draft, now_ms(), expected, key)
    return _saved(stored)


async def _complete(services: ServicesDep, owner_id: str, quiz_id: str) -> StoredQuiz | None:
    try:
        return await services.library.quizzes.get(owner_id, quiz_id)
    except QuizrunError as error:
        if error.code is ErrorCode.QUIZ_INVALID:
            return None
        raise


async def _parsed(document: Any) -> QuizDraft:
    """Parse in a thread: a large draft takes tens of milliseconds."""
    return await asyncio.to_thread(parse_draft, document)


def _saved(stored: StoredDraft) -> SavedDraft:
    return SavedDraft(
        id=stored.quiz_id,
        version=stored.edition.version,
        edition=str(stored.edition),
        updated_at=stored.updated_at,
    )
