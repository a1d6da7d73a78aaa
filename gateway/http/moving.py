"""A player's seat in a run: check whether it exists, and move it to another device.

Requests are authenticated by the player token in the `Authorization` header.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from db.players import Player
from gateway.addresses import caller_network
from gateway.http.auth import bearer_scheme
from gateway.http.openapi import problems
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep
from quiz.admission import check_return
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase

router = APIRouter(prefix="/play", tags=["players"], route_class=ApiRoute)

CODES_PER_PLAYER = 10
GUESSES_PER_ADDRESS = 30
GUESSES_WINDOW_S = 300


class Place(BaseModel):
    """A seat in a run, as seen by the device that holds its token."""

    run_id: str
    title: str
    pin: str
    phase: Phase
    nickname: str


class MoveCodeView(BaseModel):
    """A one-time code for another device, valid until `expires_at` (epoch ms)."""

    code: str = Field(examples=["7KQ2MXPA"])
    expires_at: int


class MoveRequest(BaseModel):
    """The code as typed. `device` is the same text as in a `join` from this device."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[SecretStr, Field(min_length=1, max_length=40)]
    device: Annotated[str, Field(min_length=8, max_length=64)] | None = None


class Moved(BaseModel):
    """The seat, now on this device."""

    run_id: str
    player_id: str
    nickname: str
    pin: str
    token: str


async def _player(
    services: ServicesDep,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer_scheme)],
) -> Player:
    """Return the token's player. Raises `unauthorized`, `kicked` or `moved`."""
    token = services.sign_in.tokens.read_player_token(given.credentials if given else None)
    found = await services.play.players.get(token.player_id)
    if found is None or found.run_id != token.run_id:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "There is no such player in this run.")
    check_return(is_kicked=found.kicked, token_epoch=found.token_epoch, held_epoch=token.epoch)
    return found


PlayerDep = Annotated[Player, Depends(_player)]


@router.get("/place", responses=problems(401, 403, 409, 503))
async def read_place(player: PlayerDep, services: ServicesDep) -> Place:
    """Return the state of the run in which the player has a seat."""
    run = await services.play.runs.get(player.run_id)
    return Place(
        run_id=run.id,
        title=run.title,
        pin=run.pin,
        phase=run.phase,
        nickname=player.nickname,
    )


@router.post("/move-code", status_code=201, responses=problems(401, 403, 409, 429, 503))
async def make_code(player: PlayerDep, services: ServicesDep) -> MoveCodeView:
    """Create a code that moves this player to another device. It replaces any earlier code."""
    await services.operations.rate_limiter.check(
        f"move:{player.id}", CODES_PER_PLAYER, 300, kind="move"
    )
    run = await services.play.runs.get(player.run_id)
    if run.phase.over:
        raise QuizrunError(ErrorCode.RUN_FINISHED, "This quiz is over.")
    made = await services.hosting.safety.move_code(player.run_id, player.id)
    return MoveCodeView(code=made.code, expires_at=made.expires_at)


@router.post("/move", responses=problems(403, 404, 422, 429, 503))
async def move(wanted: MoveRequest, request: Request, services: ServicesDep) -> Moved:
    """Move the code's player to this device and sign out the other one."""
    await _limit_guesses(services, request)
    moved = await services.hosting.safety.move(wanted.code.get_secret_value(), wanted.device)
    token = services.sign_in.tokens.sign_player_token(
        moved.run_id, moved.player_id, moved.token_epoch
    )
    return Moved(
        run_id=moved.run_id,
        player_id=moved.player_id,
        nickname=moved.nickname,
        pin=moved.pin,
        token=token,
    )


async def _limit_guesses(services: Services, request: Request) -> None:
    await services.operations.rate_limiter.check(
        f"code:{caller_network(request)}", GUESSES_PER_ADDRESS, GUESSES_WINDOW_S, kind="code"
    )
