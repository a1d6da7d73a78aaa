"""Quiz templates: list them, and create a quiz from one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.quizzes import QuizView, view
from gateway.http.routing import IdempotentRoute
from gateway.http.services import ServicesDep
from gateway.templates.catalogue import Template, template, templates
from quiz.content import QuestionType
from telemetry.clock import now_ms

router = APIRouter(prefix="/templates", tags=["quizzes"], route_class=IdempotentRoute)

_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
Language = Annotated[
    str,
    Query(
        pattern=_TAG,
        max_length=40,
        description="A BCP 47 tag; falls back to English",
    ),
]


class TemplateLine(BaseModel):
    """A template in one language."""

    id: str
    title: str
    summary: str = Field(description="What the template is for")
    language: str
    question_count: int
    types: list[QuestionType] = Field(
        description="The question types it uses, in order of appearance"
    )


class TemplateList(BaseModel):
    """Templates in display order."""

    items: list[TemplateLine]


class TemplateChoice(BaseModel):
    """The language of the new quiz."""

    model_config = ConfigDict(extra="forbid")

    language: Annotated[str, Field(pattern=_TAG, max_length=40)] = "en"


@router.get("", responses=problems(401, 422, 503))
async def list_templates(_caller: CallerDep, language: Language = "en") -> TemplateList:
    """List the quiz templates."""
    return TemplateList(items=[_line(one) for one in templates(language)])


@router.post(
    "/{template_id}/quizzes",
    status_code=201,
    response_model_exclude_none=True,
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def use_template(
    template_id: str,
    response: Response,
    caller: CallerDep,
    services: ServicesDep,
    wanted: TemplateChoice | None = None,
    _key: KeyHeader = None,
) -> QuizView:
    """Store a copy of a template as the caller's quiz, with its pictures."""
    found = template(template_id, (wanted or TemplateChoice()).language)
    for picture in found.media:
        quota = services.settings.media_quota
        await services.library.media.add(caller.account_id, picture, quota, now_ms())
    stored = await services.library.quizzes.create(
        caller.account_id, found.quiz, now_ms(), services.settings.quotas.quizzes
    )
    response.headers["Location"] = f"/api/v1/quizzes/{stored.id}"
    return view(stored, response)


def _line(found: Template) -> TemplateLine:
    types = dict.fromkeys(question.type for question in found.quiz.questions)
    return TemplateLine(
        id=found.id,
        title=found.quiz.title,
        summary=found.summary,
        language=found.quiz.language,
        question_count=len(found.quiz.questions),
        types=list(types),
    )
