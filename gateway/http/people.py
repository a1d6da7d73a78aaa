"""Who comes in and who stays out: what a host decides about people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from db.waiting import MAX_WAITING
from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, PlayerId, RunId
from gateway.http.routing import OnceRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(prefix="/runs/{run_id}", tags=["commands"], route_class=OnceRoute)

REFUSALS = problems(401, 403, 404, 409, 422, 503)
WaitingLimit = Annotated[int, Query(ge=1, le=MAX_WAITING)]


class RemovedLine(BaseModel):
    """Someone who was removed, or turned away before they were in (`played` is false)."""

    player_id: str
    nickname: str
    removed_at: int
    played: bool


class WaitingLine(BaseModel):
    """Someone who waits to be let in."""

    player_id: str
    nickname: str
    asked_at: int


class WaitingList(BaseModel):
    """Those who wait, the first who asked first."""

    items: list[WaitingLine]
    total: int


class AdmitRequest(BaseModel):
    """Whom to let in; all who wait when `player_ids` is left out."""

    model_config = ConfigDict(extra="forbid")

    player_ids: Annotated[list[str], Field(max_length=MAX_WAITING)] | None = None


class Admitted(BaseModel):
    """How many were let in."""

    admitted: int


class Back(BaseModel):
    """The player is in again, or will be as soon as they ask."""

    player_id: str


@router.get("/removed", responses=problems(401, 403, 404, 422, 503))
async def list_removed(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page[RemovedLine]:
    """Who was removed, the latest first."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    found, total = await services.safety.removed.page(run_id, limit, offset)
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
    """Undo a removal: the player has the place, the name and the score again."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    await services.safety.let_back(run_id, player_id)
    return Back(player_id=player_id)


@router.get("/waiting", responses=problems(401, 403, 404, 422, 503))
async def list_waiting(
    run_id: RunId, caller: CallerDep, services: ServicesDep, limit: WaitingLimit = 100
) -> WaitingList:
    """Who waits to be let in, where the run's setting `approve_players` is on."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    found, total = await services.safety.waiting.page(run_id, limit, now_ms())
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
    """Let some in, or all who wait. Those who are let in are players a moment later."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    count = await services.safety.waiting.admit(run_id, wanted.player_ids, now_ms())
    return Admitted(admitted=count)


@router.post("/waiting/{player_id}/decline", responses=REFUSALS)
async def decline(
    run_id: RunId,
    player_id: PlayerId,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> Back:
    """Turn someone away: as after a removal, name and device are not let in."""
    await own_run(services, run_id, caller.account_id, Right.CONTROL)
    if not await services.safety.waiting.decline(run_id, player_id, now_ms()):
        raise QuizrunError(ErrorCode.NOT_FOUND, "Nobody of this kind is waiting.")
    return Back(player_id=player_id)
