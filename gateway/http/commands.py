"""Host commands. Each is an update of the run's workflow and returns the new state."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter, Request

from gateway.http.auth import CallerDep
from gateway.http.idempotency import KeyHeader, idempotency_key
from gateway.http.openapi import problems
from gateway.http.paging import PlayerId, RunId
from gateway.http.routing import IdempotentRoute
from gateway.http.run_view import RunView, own_run, run_view
from gateway.http.services import Services, ServicesDep
from quiz.commands import HOST_COMMANDS
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from workflows.contract import CommandInput

_log = structlog.get_logger()

router = APIRouter(prefix="/runs/{run_id}", tags=["commands"], route_class=IdempotentRoute)

KICK = "kick"
WITH_ARGUMENTS = frozenset({KICK, "configure"})
"""Commands with routes of their own."""
REFUSALS = problems(401, 403, 404, 409, 422, 503)


async def carry_out(
    services: Services,
    request: Request,
    host_id: str,
    run_id: str,
    command: str,
    player_id: str | None = None,
    changes: dict[str, Any] | None = None,
) -> RunView:
    """Send the command to the run's workflow if the host may control the run."""
    run = await own_run(services, run_id, host_id, Right.CONTROL)
    if player_id is not None:
        await _require_player(services, run_id, player_id)
    key = _command_key(idempotency_key(request), host_id, command, player_id)
    argument = CommandInput(key=key, player_id=player_id, changes=changes)
    log = _log.bind(run_id=run_id, command=command, player_id=player_id, host_id=host_id)
    try:
        state = await services.hosting.workflows.command(run_id, command, argument)
    except QuizrunError as error:
        log.info("run.command_refused", error=error)
        if error.code is ErrorCode.RUN_FINISHED and run.finished_at is None:
            await _close_if_gone(services, run_id)
        raise
    if command == KICK and player_id is not None:
        await services.hosting.safety.keep_out(run_id, player_id, state.version)
    log.info("run.command", version=state.version, phase=state.phase.value)
    return run_view(run, state, services)


async def _require_player(services: Services, run_id: str, player_id: str) -> None:
    player = await services.play.players.get(player_id)
    if player is None or player.run_id != run_id:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such player in this run.")


async def _close_if_gone(services: Services, run_id: str) -> None:
    """Close the run if its workflow no longer exists, which also frees the PIN.

    Only this closes a run whose workflow was terminated by hand.
    """
    if not await services.hosting.workflows.is_running(run_id):
        await services.hosting.orphaned_runs.cancel(run_id)


def _command_key(key: str | None, host_id: str, command: str, player_id: str | None) -> str:
    """Return the key that makes a retry idempotent in the workflow.

    Clients may use one key for several commands, which the workflow must tell apart.
    """
    if key is None:
        return f"{command}-{uuid.uuid4()}"
    distinct = f"{host_id}\n{command}\n{player_id}\n{key}"
    return f"{command}-{hashlib.sha256(distinct.encode()).hexdigest()[:40]}"


def _endpoint(command: str) -> Callable[..., Awaitable[RunView]]:
    async def endpoint(
        run_id: RunId,
        request: Request,
        caller: CallerDep,
        services: ServicesDep,
        _key: KeyHeader = None,
    ) -> RunView:
        return await carry_out(services, request, caller.account_id, run_id, command)

    return endpoint


for _name in (name for name in HOST_COMMANDS if name not in WITH_ARGUMENTS):
    router.add_api_route(
        f"/{_name.replace('_', '-')}",
        _endpoint(_name),
        methods=["POST"],
        name=_name,
        summary=_name.replace("_", " ").capitalize(),
        description=HOST_COMMANDS[_name].__doc__,
        responses=REFUSALS,
    )


@router.post("/players/{player_id}/kick", responses=REFUSALS)
async def kick(
    run_id: RunId,
    player_id: PlayerId,
    request: Request,
    caller: CallerDep,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> RunView:
    """Remove a player and invalidate their token. The name, similar names and the device cannot
    join again until the host readmits the player.
    """
    return await carry_out(services, request, caller.account_id, run_id, KICK, player_id)
