"""Change the settings of a run in its lobby."""

from __future__ import annotations

from fastapi import APIRouter, Request

from db.acting import noting
from gateway.http.auth import CallerDep
from gateway.http.commands import REFUSALS, carry_out
from gateway.http.idempotency import KeyHeader
from gateway.http.paging import RunId
from gateway.http.routing import IdempotentRoute
from gateway.http.run_view import RunView
from gateway.http.runs import ChosenSettings
from gateway.http.services import ServicesDep

router = APIRouter(prefix="/runs/{run_id}", tags=["commands"], route_class=IdempotentRoute)


@router.patch("/settings", responses=REFUSALS)
async def configure(
    run_id: RunId,
    wanted: ChosenSettings,
    request: Request,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> RunView:
    """Change the given settings and keep the others. After the lobby this fails with
    `command_not_allowed`.
    """
    changes = wanted.model_dump(mode="json", exclude_unset=True)
    noting(settings=sorted(changes))
    return await carry_out(
        services, request, caller.account_id, run_id, "configure", changes=changes
    )
