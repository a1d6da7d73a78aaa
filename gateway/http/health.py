"""Liveness, readiness and metrics of the process."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway.http.services import ServicesDep
from telemetry.exposition import CONTENT_TYPE
from telemetry.health import status_of

public_router = APIRouter(tags=["operation"])
router = APIRouter(tags=["operation"])
"""What tells of the servers behind the gateway; see `gateway.http.operations_app`."""


class Alive(BaseModel):
    """The process is alive."""

    status: str = "ok"


class ServerHealth(BaseModel):
    """A server that the gateway depends on."""

    ok: bool
    required: bool
    ms: int
    error: str | None = None


class Readiness(BaseModel):
    """`ready`; `degraded` (an optional server is down); `unavailable` or `draining` (shutting
    down), both with status 503.
    """

    status: str
    servers: dict[str, ServerHealth]


@public_router.get("/healthz")
async def healthz() -> Alive:
    """Return 200 if the process is alive, whatever the state of its servers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(response: Response, services: ServicesDep) -> Readiness:
    """Check every server the gateway depends on, within 2 s. Checked once a second at most."""
    if services.process.lifecycle.draining:
        response.status_code = 503
        return Readiness(status="draining", servers={})
    found = await services.process.readiness.results()
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
    """Return the process's Prometheus metrics."""
    return Response(await services.process.metrics.text(), media_type=CONTENT_TYPE)
