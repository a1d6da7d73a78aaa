"""The running release and its clock, for the room test."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.http.services import ServicesDep
from telemetry.clock import now_ms

router = APIRouter(prefix="/about", tags=["operation"])


class About(BaseModel):
    """The release that answers, and its clock."""

    release: str
    server_ms: int


@router.get("")
async def about(services: ServicesDep) -> About:
    """Return which release runs, and the server's time in epoch milliseconds. For anybody."""
    return About(release=services.settings.release_name, server_ms=now_ms())
