"""nginx's handling of requests: TLS, routes, limits, addresses, ids, files."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.ports import LOOPBACK
from tests.nginx.conftest import Site
from tests.nginx.proxy import Nginx
from tests.system.hosting import Host
from tests.system.system import ROOT, Logs

# One stack for all of them and nothing else on the machine, because they count seconds.
pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

TRACED = "trace-0123456789"
PATIENCE_S = 15.0


async def logged(site: Site, request_id: str) -> dict[str, Any]:
    """Wait for the access log's line of a request, which is written a second later."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for line in site.nginx.requests():
            if line["http.request.id"] == request_id:
                return line
        await asyncio.sleep(0.1)
    raise AssertionError(f"{request_id} is not in the access log")


def handshake(site: Site, name: str = "localhost", **limits: Any) -> tuple[str | None, str | None]:
    """The version of TLS and the protocol that a browser would get."""
    context = ssl.create_default_context(cafile=str(site.nginx.authority))
    context.set_alpn_protocols(["h2", "http/1.1"])
    for attribute, value in limits.items():
        setattr(context, attribute, value)
    with (
        socket.create_connection((LOOPBACK, site.nginx.https_port), timeout=PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.version(), secured.selected_alpn_protocol()


def test_the_configuration_is_valid(site: Site) -> None:
    assert "warn" not in site.nginx.check()
    rendered = site.nginx.configuration.parent.rglob("*.conf")
    assert [path for path in rendered if re.search("@[A-Z_]+@", path.read_text())] == []


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"GATEWAYS": ""}, "NGINX_GATEWAYS is not set"),
        ({"GATEWAYS": "127.0.0.1:8000"}, "not of the form tag=host:port"),
        ({"GATEWAYS": "g.1=127.0.0.1:8000"}, "not a tag"),
        ({"SERVER_NAMES": "localhost; return 200"}, "NGINX_SERVER_NAMES has a character"),
    ],
)
def test_invalid_settings_are_rejected_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], complaint: str
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        Nginx(tmp_path).render({"g1": "127.0.0.1:8000"}, **settings)
    assert complaint in refused.value.stderr


def test_browsers_get_http2_over_tls_1_3_and_nothing_older(site: Site) -> None:
    assert handshake(site) == ("TLSv1.3", "h2")
    with pytest.raises(ssl.SSLError):
        handshake(site, maximum_version=ssl.TLSVersion.TLSv1_2)


def test_other_names_get_no_certificate(site: Site) -> None:
    with pytest.raises(ssl.SSLError, match="unrecognized name"):
        handshake(site, name="elsewhere.example")


async def test_http_redirects_to_https(site: Site) -> None:
    async with httpx.AsyncClient() as plain:
        there = await plain.get(f"http://localhost:{site.nginx.http_port}/join/123456?x=1")
    assert there.status_code == 308
    assert there.headers["location"] == f"{site.url}/join/123456?x=1"


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/admin", "/admin/runs/1"])
async def test_operators_endpoints_are_not_public(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404
    assert (await http.get("/healthz")).json() == {"status": "ok"}


async def test_headers_are_set_once(http: httpx.AsyncClient) -> None:
    response = await http.get("/")
    assert response.headers["server"] == "nginx"
    for name in ("x-frame-options", "strict-transport-security", "content-security-policy"):
        assert len(response.headers.get_list(name)) == 1, name
    assert len(response.headers.get_list("x-request-id")) == 1


async def test_a_request_has_one_id_from_nginx_to_the_gateway(
    site: Site, http: httpx.AsyncClient
) -> None:
    response = await http.get("/healthz", params={"token": "secret"})
    line = await logged(site, response.headers["x-request-id"])
    assert line["url.path"] == "/healthz"
    assert "secret" not in str(line)
    assert line["client.ip"] == LOOPBACK
    forged = await http.get("/healthz", headers={"X-Request-Id": TRACED})
    assert forged.headers["x-request-id"] != TRACED
    # A gateway trusts its proxies, including this machine.
    async with httpx.AsyncClient(base_url=site.system.urls[0]) as direct:
        traced = await direct.get("/healthz", headers={"X-Request-Id": TRACED})
    assert traced.headers["x-request-id"] == TRACED


async def test_forwarded_addresses_are_trusted_from_known_proxies_only(
    site: Site, http: httpx.AsyncClient
) -> None:
    claim = {"X-Forwarded-For": "203.0.113.9"}
    unbelieved = await http.get("/healthz", headers=claim)
    assert (await logged(site, unbelieved.headers["x-request-id"]))["client.ip"] == LOOPBACK


async def test_built_files_are_cached(site: Site, http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    files = re.findall(r'"(/assets/[^"]+\.js)"', page.text)
    if not files and not (ROOT / "web" / "dist").exists():
        pytest.skip("the web client is not built (`make web`)")
    for coding in ("br", "gzip", "identity"):
        seen = [await http.get(files[0], headers={"Accept-Encoding": coding}) for _ in range(2)]
        assert seen[1].headers["x-cache"] == "HIT"
        assert seen[1].headers.get("content-encoding", "identity") == coding
        assert seen[1].headers["cache-control"] == "public, max-age=31536000, immutable"
        assert seen[0].text == seen[1].text
    assert (await http.get("/assets/nothing.js")).status_code == 404


async def test_oversized_bodies_are_rejected_with_a_problem(
    http: httpx.AsyncClient, host: Host
) -> None:
    for path, size in (("/api/v1/runs", 100_000), ("/api/v1/quizzes", 3_000_000)):
        refused = await http.post(
            path,
            content=b'"' + b"x" * size + b'"',
            headers={
                "Authorization": f"Bearer {host.token}",
                "Content-Type": "application/json",
            },
        )
        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "payload_too_large"


async def test_floods_from_one_address_are_rejected_with_a_problem(
    tmp_path: Path, site: Site
) -> None:
    strict = Nginx(tmp_path)
    gateways = {"g1": site.system.urls[0].removeprefix("http://")}
    strict.render(gateways, API_RATE="1", API_BURST="2", TRUSTED_PROXIES=f"{LOOPBACK}/32")
    await strict.child.start()
    trust = ssl.create_default_context(cafile=str(strict.authority))
    try:
        async with httpx.AsyncClient(base_url=strict.url, verify=trust) as client:
            claims = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in (1, 1, 1, 1, 1, 2)]
            seen = [await client.get("/api/v1/me", headers=claim) for claim in claims]
    finally:
        await strict.child.stop()
    # One per second with a burst of two, per address.
    assert [response.status_code for response in seen] == [401, 401, 401, 429, 429, 401]
    assert seen[3].json()["code"] == "too_many_requests"
    assert seen[3].headers["retry-after"] == "1"


async def test_the_operators_page_is_limited_to_their_networks(tmp_path: Path, site: Site) -> None:
    inside = Nginx(tmp_path)
    gateways = {"g1": site.system.urls[0].removeprefix("http://")}
    inside.render(gateways, ADMIN_NETWORKS="203.0.113.0/24", TRUSTED_PROXIES=f"{LOOPBACK}/32")
    await inside.child.start()
    trust = ssl.create_default_context(cafile=str(inside.authority))
    try:
        async with httpx.AsyncClient(base_url=inside.url, verify=trust) as client:
            operator, other = [
                await client.get("/admin", headers={"X-Forwarded-For": address})
                for address in ("203.0.113.7", "198.51.100.7")
            ]
    finally:
        await inside.child.stop()
    # A gateway without a token also responds 404, but with its own document.
    assert operator.headers["content-type"] == "application/problem+json"
    assert (other.status_code, other.headers["content-type"]) == (404, "text/html")


async def test_without_gateways_clients_are_asked_to_retry(tmp_path: Path) -> None:
    alone = Nginx(tmp_path)
    alone.render({"g1": f"{LOOPBACK}:1", "g2": f"{LOOPBACK}:2"})
    await alone.child.start()
    trust = ssl.create_default_context(cafile=str(alone.authority))
    try:
        async with httpx.AsyncClient(base_url=alone.url, verify=trust) as client:
            page, call = await client.get("/"), await client.get("/api/v1/me")
    finally:
        await alone.child.stop()
    assert (call.status_code, call.json()["code"]) == (503, "unavailable")
    assert page.status_code == 503
    assert "Back in a moment" in page.text


def test_gateways_log_no_errors(site: Site) -> None:
    assert Logs(site.system).faults() == []
