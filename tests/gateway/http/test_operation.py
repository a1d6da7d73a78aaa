"""Probes, metrics, the OpenAPI document, and response headers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.gateway.http.conftest import Api, MakeApi, assert_problem, registration


@pytest.fixture
async def site(api: Api) -> Any:
    async with httpx.AsyncClient(base_url=api.url) as client:
        yield client


async def test_the_process_is_alive_and_ready(site: httpx.AsyncClient) -> None:
    assert (await site.get("/healthz")).json() == {"status": "ok"}
    response = await site.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ready"
    assert set(response.json()["servers"]) == {"postgres", "redis", "temporal"}


async def test_readiness_lists_unavailable_servers(make_api: MakeApi) -> None:
    nowhere = "127.0.0.1:1"
    async with (
        make_api(redis_url=f"redis://{nowhere}") as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        assert not response.json()["servers"]["redis"]["ok"]
        # Signing in works without the server that counts attempts.
        signed_in = await client.post("/api/v1/auth/register", json=registration())
        assert signed_in.status_code == 201
    async with (
        make_api(
            temporal_address=nowhere, database_url=f"postgresql://nobody@{nowhere}/nothing"
        ) as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        assert response.json()["servers"]["postgres"]["error"]
        assert (await client.get("/healthz")).status_code == 200
        refused = await client.post("/api/v1/auth/register", json=registration())
        assert_problem(refused, 503, "unavailable")


async def test_metrics_are_in_prometheus_format(site: httpx.AsyncClient) -> None:
    response = await site.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")


async def test_the_api_describes_itself(site: httpx.AsyncClient) -> None:
    docs = await site.get("/api/docs")
    assert docs.status_code == 200
    assert "'sha256-" in docs.headers["content-security-policy"]
    document = (await site.get("/api/openapi.json")).json()
    schemas = document["components"]["schemas"]
    assert "Quiz" in schemas
    unresolved = [ref for ref in _refs(document) if ref.rsplit("/", 1)[1] not in schemas]
    assert not unresolved
    paths = document["paths"]
    commands = "start pause resume next skip end lock unlock".split()  # noqa: SIM905
    for command in commands:
        assert "409" in paths[f"/api/v1/runs/{{run_id}}/{command}"]["post"]["responses"]
    operations = [operation for path in paths.values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        refusal = operation["responses"].get("422", {}).get("content", {})
        assert "application/json" not in refusal, operation["operationId"]


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in _refs(value)]
    return []


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/me", "/api/v1/nothing", "/nothing"])
async def test_every_response_has_security_headers(site: httpx.AsyncClient, path: str) -> None:
    headers = (await site.get(path)).headers
    if path != "/":  # the client may be framed by its own origin, if it is built (test_pages)
        assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


async def test_configured_origins_may_call(make_api: MakeApi) -> None:
    origin = "https://quiz.example"
    async with (
        make_api(cors_origins=(origin,)) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1") as client,
    ):
        asks = {"Access-Control-Request-Method": "POST", "Origin": origin}
        allowed = await client.options("/quizzes", headers=asks)
        assert allowed.headers["access-control-allow-origin"] == origin
        response = await client.get("/me", headers={"Origin": origin})
        assert_problem(response, 401, "unauthorized")
        assert response.headers["access-control-allow-origin"] == origin
        other = await client.get("/me", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_other_origins_may_not_call_by_default(site: httpx.AsyncClient) -> None:
    response = await site.get("/api/v1/me", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


async def test_a_draining_gateway_is_not_ready(make_api: MakeApi) -> None:
    async with make_api() as api, httpx.AsyncClient(base_url=api.url) as client:
        api.services.process.lifecycle.draining = True
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "draining")
        assert (await client.get("/healthz")).status_code == 200
