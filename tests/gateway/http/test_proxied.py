"""Trusted proxies, request ids, and closing connections while draining."""

from __future__ import annotations

import json
from typing import Any

import httpx
import structlog

from gateway.http.proxied import Proxied
from gateway.lifecycle import Lifecycle

PROXY, STRANGER = "10.1.2.3", "192.0.2.7"
HEADERS = {
    "X-Request-Id": "given-0123456789",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
}


async def tell(scope: Any, _receive: Any, send: Any) -> None:
    """Respond with the client's address, the scheme and the request id."""
    seen = {
        "client": scope["client"][0],
        "scheme": scope["scheme"],
        "logged": structlog.contextvars.get_contextvars().get("request_id"),
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


async def asked(
    address: str, headers: dict[str, str], lifecycle: Lifecycle | None = None
) -> httpx.Response:
    app = Proxied(tell, "127.0.0.1, 10.1.0.0/16", lifecycle or Lifecycle())
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get("/", headers=headers)


async def test_a_trusted_proxy_determines_address_scheme_and_request_id() -> None:
    response = await asked(PROXY, HEADERS)
    given = HEADERS["X-Request-Id"]
    assert response.json() == {"client": "203.0.113.9", "scheme": "https", "logged": given}
    assert response.headers["x-request-id"] == given


async def test_untrusted_proxies_are_ignored() -> None:
    response = await asked(STRANGER, HEADERS)
    made = response.headers["x-request-id"]
    assert response.json() == {"client": STRANGER, "scheme": "http", "logged": made}
    assert made != HEADERS["X-Request-Id"]


async def test_an_invalid_request_id_is_replaced() -> None:
    for bad in ("short", "with spaces in it", "x" * 65, ""):
        response = await asked(PROXY, {"X-Request-Id": bad})
        assert response.headers["x-request-id"] != bad
        assert len(response.headers["x-request-id"]) == 32


async def test_a_draining_gateway_closes_connections_with_the_next_response() -> None:
    lifecycle = Lifecycle()
    assert "connection" not in (await asked(PROXY, {}, lifecycle)).headers
    lifecycle.draining = True
    assert (await asked(PROXY, {}, lifecycle)).headers["connection"] == "close"
