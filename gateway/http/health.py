"""For probes and monitoring: is the process alive, do its servers answer, what does it count."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway.http.services import ServicesDep
from telemetry.exposition import CONTENT_TYPE
from telemetry.health import run_checks, status_of

router = APIRouter(tags=["operation"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class ServerHealth(BaseModel):
    """One server that the gateway works with."""

    ok: bool
    required: bool
    ms: int
    error: str | None = None


class Readiness(BaseModel):
    """`ready`, `degraded` (something that can be missed is down), `unavailable`, or `draining` (the
    process stops); the last two with status 503.
    """

    status: str
    servers: dict[str, ServerHealth]


@router.get("/healthz")
async def healthz() -> Alive:
    """Whether the process answers; says nothing about its servers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(response: Response, services: ServicesDep) -> Readiness:
    """Whether the process can work: asks every server, for 2 s at most."""
    if services.lifecycle.draining:
        response.status_code = 503
        return Readiness(status="draining", servers={})
    found = await run_checks(services.health)
    if (status := status_of(found)) == "unavailable":
        response.status_code = 503
    servers = {
        server.name: ServerHealth(
            ok=server.ok, required=server.required, ms=server.ms, error=server.error
        )
        for server in found
    }
    return Readiness(status=status, servers=servers)


@router.get("/metrics", response_class=Response)
async def metrics(services: ServicesDep) -> Response:
    """Prometheus metrics of this process."""
    return Response(await services.metrics.text(), media_type=CONTENT_TYPE)
