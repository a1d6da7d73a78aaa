"""Correcting a wrong key after a run, and what became of the answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.corrections import Correction
from db.receipts import Delivery
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import RunId
from gateway.http.routing import OnceRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from quiz.rulings import Ruling, Verdict

router = APIRouter(prefix="/runs/{run_id}", tags=["results"], route_class=OnceRoute)


class CorrectionRequest(BaseModel):
    """What counts as right from now on."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[int, Field(ge=0, strict=True, description="0-based")]
    verdict: Verdict = Field(
        description="`key`: `correct` is right. `everybody`: full points for whoever answered. "
        "`void`: counts for nobody. `original`: as the quiz says"
    )
    correct: Any = Field(
        None,
        description="With `key`: the right answer, in the form of `solution` in the results. For "
        "`order` the options as shown, in the right order",
    )


class CorrectedView(BaseModel):
    """The effect of a correction."""

    changed_answers: int = Field(description="Answers whose points changed")
    changed_totals: int = Field(description="Players whose score changed")
    version: int = Field(description="Of the run")


class CorrectionView(BaseModel):
    """A line of the record of corrections, which is never changed."""

    number: int
    question: int
    at: int
    host: str | None = Field(description="Null when the account is gone")
    before: Ruling
    after: Ruling
    changed_answers: int
    changed_totals: int


class CorrectionsView(BaseModel):
    """The record, the latest first."""

    items: list[CorrectionView]


class DeliveriesView(BaseModel):
    """What became of the answers to each question that has any."""

    items: list[Delivery]


@router.post("/corrections", responses=problems(401, 403, 404, 409, 422, 503))
async def correct(
    run_id: RunId,
    wanted: CorrectionRequest,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> CorrectedView:
    """Change what was right at a question of a run that is over, and score the run again.

    All points, streaks and ranks become those of a run that had this key from its beginning. A
    live run is refused with `run_not_over`, one whose answers were removed with `run_anonymised`.
    """
    run = await own_run(services, run_id, caller.account_id, Right.CONTROL)
    if wanted.question >= run.snapshot.state.question_count:
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "The quiz has no such question.")
    done = await services.corrector.correct(
        run, wanted.question, wanted.verdict, wanted.correct, host_id=caller.account_id
    )
    return CorrectedView(
        changed_answers=done.answers,
        changed_totals=done.totals,
        version=done.snapshot.state.version if done.snapshot else run.version,
    )


@router.get("/corrections", responses=problems(401, 403, 404, 503))
async def corrections(run_id: RunId, caller: CallerDep, services: ServicesDep) -> CorrectionsView:
    """Who corrected what, when, and what it was before."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    lines = await services.corrections.history(run_id)
    return CorrectionsView(items=[_line(line) for line in lines])


@router.get("/deliveries", responses=problems(401, 403, 404, 503))
async def deliveries(run_id: RunId, caller: CallerDep, services: ServicesDep) -> DeliveriesView:
    """How many answers gateways acknowledged, PostgreSQL stores, and scoring has scored.

    Three counts of three makers; kicked players are included.
    """
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    return DeliveriesView(items=await services.receipts.of_run(run_id))


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
