"""Correct the solution of a question after the run, and account for its answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.acting import noting
from db.corrections import Correction
from db.receipts import Delivery
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import RunId
from gateway.http.routing import IdempotentRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from quiz.rulings import Ruling, Verdict

router = APIRouter(prefix="/runs/{run_id}", tags=["results"], route_class=IdempotentRoute)


class CorrectionRequest(BaseModel):
    """The solution to apply from now on."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[int, Field(ge=0, strict=True, description="0-based")]
    verdict: Verdict = Field(
        description="`key`: `correct` is the solution. `everybody`: full points for everyone who "
        "answered. `void`: no points for anyone. `original`: the quiz's own solution",
    )
    correct: Any = Field(
        None,
        description="With `key`: the solution, in the same form as `solution` in the results. For "
        "`order`, the options as shown, in the right order",
    )


class CorrectedView(BaseModel):
    """The effect of a correction."""

    changed_answers: int = Field(description="The number of answers whose points changed")
    changed_totals: int = Field(description="The number of players whose score changed")
    version: int = Field(description="The run's new version")


class CorrectionView(BaseModel):
    """An immutable entry of the log of corrections."""

    number: int
    question: int
    at: int
    host: str | None = Field(description="Null if the account was deleted")
    before: Ruling
    after: Ruling
    changed_answers: int
    changed_totals: int


class CorrectionsView(BaseModel):
    """The log of corrections, newest first."""

    items: list[CorrectionView]


class DeliveriesView(BaseModel):
    """The number of answers at each stage, for each question that has any."""

    items: list[Delivery]


@router.post("/corrections", responses=problems(401, 403, 404, 409, 422, 503))
async def correct(
    run_id: RunId,
    wanted: CorrectionRequest,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> CorrectedView:
    """Change a question's solution after the run and rescore the run.

    All points, streaks and ranks become what they would have been with this solution from the
    start. Fails with `run_not_over` for a live run, and `run_anonymised` if its answers were
    removed.
    """
    run = await own_run(services, run_id, caller.account_id, Right.CONTROL)
    noting(question=wanted.question, verdict=wanted.verdict)
    if wanted.question >= run.snapshot.state.question_count:
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "The quiz has no such question.")
    done = await services.hosting.corrector.correct(
        run, wanted.question, wanted.verdict, wanted.correct, host_id=caller.account_id
    )
    return CorrectedView(
        changed_answers=done.answers,
        changed_totals=done.totals,
        version=done.snapshot.state.version if done.snapshot else run.version,
    )


@router.get("/corrections", responses=problems(401, 403, 404, 503))
async def corrections(run_id: RunId, caller: CallerDep, services: ServicesDep) -> CorrectionsView:
    """List who corrected what and when, and the solution before."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    lines = await services.reports.corrections.history(run_id)
    return CorrectionsView(items=[_line(line) for line in lines])


@router.get("/deliveries", responses=problems(401, 403, 404, 503))
async def deliveries(run_id: RunId, caller: CallerDep, services: ServicesDep) -> DeliveriesView:
    """Count the answers that gateways acknowledged, PostgreSQL stored, and scoring scored.

    The counts come from three independent sources and include kicked players.
    """
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    return DeliveriesView(items=await services.play.receipts.of_run(run_id))


def _line(line: Correction) -> CorrectionView:
    return CorrectionView(
        number=line.number,
        question=line.question,
        at=line.at,
        host=line.host,
        before=line.before,
        after=line.after,
        changed_answers=line.answers,
        changed_totals=line.totals,
    )
