"""The handshake cases of the Engine.IO protocol's test suite."""

from __future__ import annotations

import time

import aiohttp
import pytest

from gateway.transport import SocketServer
from gateway.transport.handshake import Handshake
from tests.gateway.transport.conftest import run
from tests.gateway.transport.raw import Raw

OPEN = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}


async def test_polling_opens_a_session(raw: Raw) -> None:
    opened = await raw.open_polling()
    assert set(opened) == OPEN
    assert opened["upgrades"] == ["websocket"]
    assert (opened["pingInterval"], opened["pingTimeout"]) == (300, 200)
    assert opened["maxPayload"] == 1_000_000


async def test_websocket_opens_a_session(raw: Raw) -> None:
    async with raw.websocket() as wire:
        opened = await wire.opened()
        assert set(opened) == OPEN
        assert opened["upgrades"] == []
        assert (opened["pingInterval"], opened["pingTimeout"]) == (300, 200)


BAD = ["transport={}", "EIO=abc&transport={}", "EIO=3&transport={}", "EIO=4", "EIO=4&transport=abc"]


@pytest.mark.parametrize("query", BAD)
async def test_bad_parameters_are_refused(raw: Raw, query: str) -> None:
    status, _ = await raw.ask("GET", query.format("polling"))
    assert status == 400
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw.websocket(query.format("websocket")):
            pass
    assert refused.value.status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_open_no_session(raw: Raw, method: str) -> None:
    status, _ = await raw.ask(method, "EIO=4&transport=polling")
    assert status == 400


async def test_an_unknown_session_is_refused(raw: Raw) -> None:
    assert (await raw.poll("unknown"))[0] == 400
    assert (await raw.post("unknown", "2"))[0] == 400
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with raw.probe("unknown"):
            pass


async def test_a_websocket_transport_needs_a_websocket(raw: Raw) -> None:
    assert (await raw.ask("GET", "EIO=4&transport=websocket"))[0] == 400


async def test_other_websocket_paths_are_not_found(raw: Raw) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw.http.ws_connect(raw.url + "/other"):
            pass
    assert refused.value.status == 404


async def test_other_http_paths_are_the_applications(raw: Raw) -> None:
    async with raw.http.get(raw.url + "/hello") as response:
        assert await response.json() == {"hello": "world"}


async def test_firefox_may_connect(raw: Raw) -> None:
    headers = {"Connection": "keep-alive, Upgrade"}
    async with raw.websocket(headers=headers) as wire:
        assert (await wire.opened())["sid"]


@pytest.mark.parametrize(
    ("allowed", "origin", "welcome"),
    [
        (None, None, True),
        (None, "{url}", True),
        (None, "https://evil.example", False),
        ("*", "https://evil.example", True),
        (["https://quiz.example"], "https://quiz.example", True),
        (["https://quiz.example"], "https://evil.example", False),
        (["https://quiz.example"], "{url}", False),
    ],
)
async def test_only_allowed_origins_may_connect(
    http: aiohttp.ClientSession, allowed: list[str] | None, origin: str | None, welcome: bool
) -> None:
    async with run(SocketServer(cors_allowed_origins=allowed)) as url:
        raw = Raw(http, url)
        headers = {"Origin": origin.format(url=url)} if origin else {}
        address = url + "/socket.io/?EIO=4&transport=polling"
        async with http.get(address, headers=headers) as response:
            assert response.status == (200 if welcome else 400)
        try:
            async with raw.websocket(headers=headers) as wire:
                await wire.opened()
                assert welcome
        except aiohttp.WSServerHandshakeError:
            assert not welcome


LONG = "x" * 2_000


async def test_a_long_query_is_refused(raw: Raw) -> None:
    assert (await raw.ask("GET", f"EIO=4&transport=polling&{LONG}"))[0] == 400
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw.websocket(f"EIO=4&transport=websocket&{LONG}"):
            pass
    assert refused.value.status == 400


def test_repeated_headers_are_joined_in_linear_time() -> None:
    head = b"GET / HTTP/1.1\r\n" + b"X-Forwarded-For: y\r\n" * 300_000
    began = time.process_time()
    environ = Handshake(head).environ()
    assert time.process_time() - began < 5
    assert environ["HTTP_X_FORWARDED_FOR"] == ",".join(["y"] * 300_000)


def test_a_session_keeps_what_it_needs_of_its_request_and_no_more() -> None:
    needed = [b"Host: quiz.example", b"User-Agent: test", b"X-Forwarded-For: ::1"]
    headers = [*needed, b"Cookie: a=b", b"Authorization: secret", b"Origin: " + b"x" * 5_000]
    whole = Handshake(b"\r\n".join([b"GET /socket.io/?EIO=4 HTTP/1.1", *headers, b"", b""]))
    kept = whole.trimmed()
    assert kept.query == whole.query == {"EIO": ["4"]}
    told = {key: value for key, value in kept.environ().items() if key.startswith("HTTP_")}
    assert told == {
        "HTTP_HOST": "quiz.example",
        "HTTP_USER_AGENT": "test",
        "HTTP_X_FORWARDED_FOR": "::1",
    }


def test_a_client_cannot_push_the_address_out_that_its_proxy_has_noted() -> None:
    stuffed = [
        b"X-Forwarded-For: " + b"6.6.6.6, " * 200 + b"192.0.2.1",
        b"User-Agent: " + b"x" * 900,
    ]
    whole = Handshake(
        b"\r\n".join([b"GET /socket.io/?EIO=4 HTTP/1.1", *reversed(stuffed), b"", b""])
    )
    kept = whole.trimmed().environ()["HTTP_X_FORWARDED_FOR"]
    assert kept.endswith("6.6.6.6, 192.0.2.1")
    assert kept.startswith("6.6.6.6,")
    assert len(kept) <= 300
