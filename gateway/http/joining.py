"""Look up a run by PIN before joining."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from gateway.addresses import caller_network
from gateway.http.openapi import problems
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from quiz.generated_names import generated_name, language_of
from quiz.safety import NamePolicy

router = APIRouter(prefix="/join", tags=["players"], route_class=ApiRoute)

SUGGESTIONS = 8
Pin = Annotated[str, Path(max_length=20, examples=["482913"])]


class WayIn(BaseModel):
    """How to join a run."""

    title: str
    language: str | None
    names: NamePolicy = Field(description="`generated`: pick one of `suggestions`")
    approve_players: bool = Field(description="Whether the host approves each player")
    suggestions: list[str] = Field(description="Random names; empty if players choose their own")
    ideas: list[str] | None = Field(description="Random names, if players choose their own")


@router.get("/{pin}", responses=problems(404, 422, 429, 503))
async def way_in(pin: Pin, request: Request, services: ServicesDep) -> WayIn:
    """Return how to join the live run with this PIN."""
    run = await services.hosting.pins.find(pin, caller_network(request))
    settings, language = run.settings, run.language
    ours, seed = language_of(language), secrets.token_hex(8)
    random = dict.fromkeys(generated_name(ours, seed, number) for number in range(SUGGESTIONS))
    generated = settings.names == "generated"
    return WayIn(
        title=run.title,
        language=language,
        names=settings.names,
        approve_players=settings.approve_players,
        suggestions=list(random) if generated else [],
        ideas=None if generated else list(random),
    )
