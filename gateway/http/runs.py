"""Runs: open, list, read."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from db.runs import RunFilter
from gateway.http.access import quiz_owner
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader, idempotency_key
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, RunId, known_id
from gateway.http.routing import IdempotentRoute
from gateway.http.run_view import RunView, own_run, run_view
from gateway.http.services import ServicesDep
from quiz.rights import Right
from quiz.run import Phase, RunSettings

router = APIRouter(prefix="/runs", tags=["runs"], route_class=IdempotentRoute)


LIVE, OVER = "live", "over"

PhaseFilter = Annotated[
    Literal["live", "over", "lobby", "starting", "question", "reveal", "finished", "cancelled"],
    Query(description="`live`: runs that are not over"),
]
QuizFilter = Annotated[str, Query(max_length=100, description="Only runs of this quiz")]
PinFilter = Annotated[str, Query(max_length=20, examples=["482913"])]
RehearsalFilter = Annotated[bool, Query(description="True: only rehearsals; false: no rehearsals")]


class ChosenSettings(RunSettings):
    """Settings from a host. Unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")


class NewRunRequest(BaseModel):
    """The quiz to run, and the settings."""

    model_config = ConfigDict(extra="forbid")

    quiz_id: Annotated[str, Field(max_length=100)]
    settings: ChosenSettings = ChosenSettings()


class OpenedRun(BaseModel):
    """The details that players need to join."""

    run_id: str
    pin: str = Field(examples=["482913"])
    join_url: str


@router.post("", status_code=201, responses=problems(401, 403, 404, 409, 422, 429, 503))
async def open_run(
    request: Request,
    response: Response,
    wanted: NewRunRequest,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> OpenedRun:
    """Open a run. Players can join its lobby with the PIN."""
    quiz_id = known_id(wanted.quiz_id, "quiz")
    owner = await quiz_owner(services, caller.account_id, quiz_id, Right.CONTROL)
    snapshot = await services.hosting.opener.open(
        caller.account_id,
        owner,
        quiz_id,
        RunSettings.model_validate(wanted.settings.model_dump()),
        idempotency_key(request),
    )
    run_id, pin = snapshot.state.run_id, snapshot.pin
    response.headers["Location"] = f"/api/v1/runs/{run_id}"
    return OpenedRun(run_id=run_id, pin=pin, join_url=services.settings.join_url(pin))


@router.get("", responses=problems(401, 404, 422, 503))
async def list_runs(
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
    phase: PhaseFilter | None = None,
    quiz_id: QuizFilter | None = None,
    pin: PinFilter | None = None,
    rehearsal: RehearsalFilter | None = None,
) -> Page[RunView]:
    """List the host's runs, latest first. Filtering by PIN never reveals other hosts' runs."""
    wanted = RunFilter(
        phase=Phase(phase) if phase not in (None, LIVE, OVER) else None,
        over={LIVE: False, OVER: True}.get(phase or ""),
        quiz_id=quiz_id and known_id(quiz_id, "quiz"),
        pin=pin,
        rehearsal=rehearsal,
    )
    runs, total = await services.play.runs.page(caller.account_id, limit, offset, wanted)
    items = [run_view(run, run.snapshot.state, services) for run in runs]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/{run_id}", responses=problems(401, 403, 404, 503))
async def read_run(run_id: RunId, caller: CallerDep, services: ServicesDep) -> RunView:
    """Return the state of a run."""
    run = await own_run(services, run_id, caller.account_id, Right.VIEW)
    return run_view(run, run.snapshot.state, services)
