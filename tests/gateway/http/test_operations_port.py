"""Readiness, metrics and documentation on a port of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.http.api import http_app
from gateway.http.operations_app import operations_app
from gateway.side_server import side_server
from telemetry.health import HealthCheck, SharedChecks
from tests.gateway.http.conftest import Api, MakeApi

INTERNAL = ["/readyz", "/metrics", "/api/docs", "/api/docs/files/swagger-ui.css"]


@pytest.fixture
async def api(make_api: MakeApi) -> AsyncIterator[Api]:
    async with make_api(operations_port=0, public_url="https://quiz.example/") as running:
        yield running


@pytest.fixture
async def internal(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """The operations port, as `gateway.app` opens it."""
    app = operations_app(http_app(api.services.settings, running=None), api.services)  # type: ignore[arg-type]
    async with (
        side_server(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_what_tells_of_the_servers_is_on_the_internal_port_only(
    api: Api, internal: httpx.AsyncClient
) -> None:
    async with httpx.AsyncClient(base_url=api.url) as public:
        for path in (*INTERNAL, "/api/openapi.json"):
            assert (await public.get(path)).status_code == 404, path
        assert (await public.get("/healthz")).json() == {"status": "ok"}
        assert (await public.get("/api/v1/about")).status_code == 200
    for path in (*INTERNAL, "/healthz"):
        response = await internal.get(path)
        assert response.status_code == 200, path
        assert response.headers["x-content-type-options"] == "nosniff"
    document = (await internal.get("/api/openapi.json")).json()
    assert document["servers"] == [{"url": "https://quiz.example"}]
    assert "/api/v1/runs" in document["paths"]
    assert "/metrics" not in document["paths"]
    assert (await internal.get("/api/v1/about")).status_code == 404


async def test_draining_is_seen_on_the_internal_port(api: Api, internal: httpx.AsyncClient) -> None:
    api.services.process.lifecycle.draining = True
    assert (await internal.get("/readyz")).json()["status"] == "draining"


async def test_a_taken_port_is_an_error_of_the_start(internal: httpx.AsyncClient) -> None:
    port = httpx.URL(str(internal.base_url)).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        async with side_server(_nothing, "127.0.0.1", port):
            pass


async def test_probes_at_full_speed_ask_the_servers_once() -> None:
    asked = 0

    async def probe() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)  # time: a probe takes some, and the others wait for it

    checks = SharedChecks([HealthCheck("a server", probe)], kept_s=30)
    rounds = await asyncio.gather(*(checks.results() for _ in range(500)))
    await checks.results()
    assert asked == 1
    assert all(found[0].ok for found in rounds)


async def _nothing(*_: object) -> None:
    """Stands for an application."""
