"""The running release, its clock, and its optional features."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.http.services import ServicesDep
from telemetry.clock import now_ms

router = APIRouter(prefix="/about", tags=["operation"])


class About(BaseModel):
    """The running release, its clock, and its optional features."""

    release: str
    server_ms: int
    mail: bool = Field(
        description="Whether the server can send mail, for example to reset passwords."
    )


@router.get("")
async def about(services: ServicesDep) -> About:
    """Return the running release, the server's time (epoch milliseconds) and its optional
    features. Public.
    """
    return About(
        release=services.settings.release_name,
        server_ms=now_ms(),
        mail=services.mail.available,
    )
