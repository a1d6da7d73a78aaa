"""Moderation of typed answers before others see them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import RunId
from gateway.http.routing import ApiRoute
from gateway.http.run_view import own_run
from gateway.http.services import Services, ServicesDep
from quiz.content import TextQuestion
from quiz.errors import ErrorCode, QuizrunError
from quiz.limits import MAX_QUESTIONS
from quiz.moderation import MAX_LISTED, answer_key, typed_lines
from quiz.rights import Right

router = APIRouter(
    prefix="/runs/{run_id}/questions/{question}/answers", tags=["commands"], route_class=ApiRoute
)

QuestionIndex = Annotated[int, Path(ge=0, le=MAX_QUESTIONS, description="0-based")]
Typed = Annotated[str, Field(max_length=1_000)]


class TypedAnswer(BaseModel):
    """Equivalent answers. `shown`: whether others may see them; null until the host has decided."""

    answer: str
    count: int
    correct: bool
    shown: bool | None


class TypedAnswers(BaseModel):
    """At most 200 typed answers, most frequent first."""

    question: int
    items: list[TypedAnswer]


class Look(BaseModel):
    """The listed answers that the host has reviewed."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[Typed], Field(max_length=MAX_LISTED)]


@router.get("", responses=problems(401, 403, 404, 422, 503))
async def list_answers(
    run_id: RunId, question: QuestionIndex, caller: CallerDep, services: ServicesDep
) -> TypedAnswers:
    """List the answers typed so far. For the host only."""
    accepted = await _accepted(services, run_id, question, caller.account_id, Right.VIEW)
    given = await services.play.answers.counts(run_id, question, limit=MAX_LISTED)
    choices = await services.play.moderation.of(run_id, question)
    items = [
        TypedAnswer(**line, shown=choices.get(answer_key(line["answer"])))
        for line in typed_lines(given, accepted)
    ]
    return TypedAnswers(question=question, items=items)


@router.post("/{verdict}", responses=problems(401, 403, 404, 422, 503))
async def look(
    run_id: RunId,
    question: QuestionIndex,
    verdict: Literal["show", "hide"],
    seen: Look,
    caller: CallerDep,
    services: ServicesDep,
) -> TypedAnswers:
    """Show or hide answers for players and on the big screen, during or after the question. Points
    do not change.
    """
    await _accepted(services, run_id, question, caller.account_id, Right.CONTROL)
    keys = {answer_key(answer) for answer in seen.answers}
    await services.hosting.safety.look(run_id, question, keys, shown=verdict == "show")
    return await list_answers(run_id, question, caller, services)


async def _accepted(
    services: Services, run_id: str, question: int, account_id: str, needed: Right
) -> list[str]:
    """Return the accepted answers. Raises `not_found` if the question has no typed answers."""
    run = await own_run(services, run_id, account_id, needed)
    quiz = await services.play.runs.content(run.quiz_id, run.quiz_version)
    asked = quiz.questions[question] if question < len(quiz.questions) else None
    if not isinstance(asked, TextQuestion):
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such question with typed answers.")
    return list(asked.correct.accepted)
