"""Look up a run by PIN before joining."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from gateway.http.openapi import problems
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError
from quiz.generated_names import generated_name, language_of
from quiz.safety import NamePolicy

router = APIRouter(prefix="/join", tags=["players"], route_class=ApiRoute)

SUGGESTIONS = 8
REQUESTS_PER_MINUTE = 600
"""The limit per address; high, since a whole school may share one."""

Pin = Annotated[str, Path(max_length=20, examples=["482913"])]


class WayIn(BaseModel):
    """How to join a run."""

    title: str
    language: str | None
    names: NamePolicy = Field(description="`generated`: pick one of `suggestions`")
    approve_players: bool = Field(description="Whether the host approves each player")
    suggestions: list[str] = Field(description="Random names; empty if players choose their own")


@router.get("/{pin}", responses=problems(404, 422, 429, 503))
async def way_in(pin: Pin, request: Request, services: ServicesDep) -> WayIn:
    """Return how to join the live run with this PIN."""
    address = request.client.host if request.client else "unknown"
    await services.operations.rate_limiter.check(
        f"pin:{address}", REQUESTS_PER_MINUTE, 60, kind="pin"
    )
    run = await services.play.runs.live_by_pin(pin) if pin.isascii() and pin.isdigit() else None
    if run is None:
        raise QuizrunError(ErrorCode.PIN_UNKNOWN, "There is no quiz with this PIN.")
    settings, language = run.snapshot.state.settings, run.snapshot.language
    suggestions: list[str] = []
    if settings.names == "generated":
        ours, seed = language_of(language), secrets.token_hex(8)
        suggestions = [generated_name(ours, seed, attempt) for attempt in range(SUGGESTIONS)]
    return WayIn(
        title=run.title,
        language=language,
        names=settings.names,
        approve_players=settings.approve_players,
        suggestions=list(dict.fromkeys(suggestions)),
    )
