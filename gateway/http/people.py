"""Admission and removal of players by the host."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, PlayerId, RunId
from gateway.http.routing import IdempotentRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.admission import MAX_WAITING
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(prefix="/runs/{run_id}", tags=["commands"], route_class=IdempotentRoute)

REFUSALS = problems(401, 403, 404, 409, 422, 503)
WaitingLimit = Annotated[int, Query(ge=1, le=MAX_WAITING)]


class RemovedLine(BaseModel):
    """A removed player, or one declined before joining (`played` is false)."""

    player_id: str
    nickname: str
    removed_at: int
    played: bool


class WaitingLine(BaseModel):
    """A player waiting for approval."""

    player_id: str
    nickname: str
    asked_at: int


class WaitingList(BaseModel):
    """Waiting players, longest wait first."""

    items: list[WaitingLine]
    total: int


class AdmitRequest(BaseModel):
    """The players to admit; all waiting ones if `player_ids` is omitted."""

    model_config = ConfigDict(extra="forbid")

    player_ids: Annotated[list[str], Field(max_length=MAX_WAITING)] | None = None


class Admitted(BaseModel):
    """The number of players admitted."""

    admitted: int


class Back(BaseModel):
    """The player may join, or is in the run again."""

    player_id: str


@router.get("/removed", responses=problems(401, 403, 404, 422, 503))
async def list_removed(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page[RemovedLine]:
    """List removed players, latest first."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    found, total = await services.play.removed.page(run_id, limit, offset)
    items = [RemovedLine.model_validate(one, from_attributes=True) for one in found]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.post("/players/{player_id}/let-back", responses=REFUSALS)
async def let_back(
    run_id: RunId,
    player_id: PlayerId,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> Back:
    """Undo a removal. The player gets back seat, name and score."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    await services.hosting.safety.readmit(run_id, player_id)
    return Back(player_id=player_id)


@router.get("/waiting", responses=problems(401, 403, 404, 422, 503))
async def list_waiting(
    run_id: RunId, caller: CallerDep, services: ServicesDep, limit: WaitingLimit = 100
) -> WaitingList:
    """List the players waiting for approval (setting `approve_players`)."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    found, total = await services.play.waiting.page(run_id, limit, now_ms())
    items = [WaitingLine.model_validate(one, from_attributes=True) for one in found]
    return WaitingList(items=items, total=total)


@router.post("/waiting/admit", responses=REFUSALS)
async def admit(
    run_id: RunId,
    wanted: AdmitRequest,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> Admitted:
    """Admit some or all waiting players. They join the run a moment later."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    count = await services.play.waiting.admit(run_id, wanted.player_ids, now_ms())
    return Admitted(admitted=count)


@router.post("/waiting/{player_id}/decline", responses=REFUSALS)
async def decline(
    run_id: RunId,
    player_id: PlayerId,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> Back:
    """Decline a waiting player. As after a removal, name and device cannot join."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    if not await services.play.waiting.decline(run_id, player_id, now_ms()):
        raise QuizrunError(ErrorCode.NOT_FOUND, "This player is not waiting.")
    return Back(player_id=player_id)
