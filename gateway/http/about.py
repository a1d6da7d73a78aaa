"""The running release, its clock for the room test, and what this server can do."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.http.services import ServicesDep
from telemetry.clock import now_ms

router = APIRouter(prefix="/about", tags=["operation"])


class About(BaseModel):
    """The release that answers, its clock, and what it can do."""

    release: str
    server_ms: int
    mail: bool = Field(description="Whether the server sends mail, for forgotten passwords.")


@router.get("")
async def about(services: ServicesDep) -> About:
    """Return which release runs, the server's time in epoch milliseconds, and what the server can
    do. For anybody.
    """
    return About(
        release=services.settings.release_name,
        server_ms=now_ms(),
        mail=services.account_mail.available,
    )
