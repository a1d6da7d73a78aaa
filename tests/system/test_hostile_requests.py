"""No single request stalls a gateway: others are acknowledged during an attack."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway.http.caller import Caller, problem
from tests.gateway.media.bombs import BOMBS, endless_extents
from tests.system.conftest import Clients
from tests.system.hosting import Host
from tests.system.quizzes import quiz, single
from tests.system.stalls import peak_memory_mb, watching
from tests.system.system import Logs, System

pytestmark = pytest.mark.alone

MOST_BUSY_S = 0.1
HEAD_TIMEOUT_S = 10
TIMES = 3
JSON = {"Content-Type": "application/json"}

Players = list[Any]


@pytest.fixture
async def players(host: Host, clients: Clients) -> Players:
    """Three players in a lobby on the first gateway."""
    run = await host.open_run(quiz(single()))
    names = ("Ada", "Grace", "Alan")
    return [await (await clients.python().connect()).join(run.pin, name) for name in names]


@pytest.fixture
def caller(system: System) -> Caller:
    return Caller(system.urls[0], patience_s=60)


@pytest.fixture
async def anyone(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """An unauthenticated client of the first gateway."""
    async with httpx.AsyncClient(base_url=f"{system.urls[0]}/api/v1", timeout=60) as client:
        yield client


def request(target: str, headers: bytes = b"") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n".encode() + headers + b"\r\n"


UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
UPGRADE += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
COOKIE = b'Cookie: a="' + b"\\a" * 32_000 + b'"\r\n'
MANY = b"X: y\r\n" * 400_000
SOCKET = "/socket.io/?EIO=4&transport="

HEADS = {
    "64 KB of cookie": request("/api/v1/me", COOKIE),
    "2.4 MB of headers": request("/api/v1/me", MANY),
    "2.4 MB of headers to poll": request(f"{SOCKET}polling", MANY),
    "2.4 MB of headers to upgrade": request(f"{SOCKET}websocket", UPGRADE + MANY),
}
"""A raw request for a separate connection."""

KEYS = b"{" + b",".join(b'"%d":1' % number for number in range(150_000)) + b"}"


async def attack(caller: Caller, content: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        await caller.says(content)


@pytest.mark.parametrize("name", list(HEADS))
async def test_a_hostile_head_does_not_stall_others(
    system: System, players: Players, caller: Caller, logs: Logs, name: str
) -> None:
    async with watching(system.gateways[0].pid, players) as stall:
        for _ in range(TIMES):
            await attack(caller, HEADS[name])
    assert stall.busy_s < MOST_BUSY_S, stall
    assert logs.faults() == []


@pytest.mark.parametrize("path", ["/auth/login", "/auth/register"])
async def test_an_unauthenticated_body_does_not_stall_others(
    system: System, players: Players, anyone: httpx.AsyncClient, path: str
) -> None:
    async with watching(system.gateways[0].pid, players) as stall:
        for _ in range(TIMES):
            response = await anyone.post(path, content=KEYS, headers=JSON)
            assert response.status_code == 413, response.text
    assert stall.busy_s < MOST_BUSY_S, stall


async def test_a_hostile_quiz_does_not_stall_others(
    system: System, host: Host, players: Players, anyone: httpx.AsyncClient
) -> None:
    headers = {**JSON, "Authorization": f"Bearer {host.token}"}
    async with watching(system.gateways[0].pid, players) as stall:
        for _ in range(TIMES):
            response = await anyone.post("/quizzes", content=KEYS, headers=headers)
            assert response.status_code == 422, response.text
    assert stall.busy_s < MOST_BUSY_S, stall


async def test_decompression_bombs_neither_stall_others_nor_use_memory(
    system: System, host: Host, players: Players, anyone: httpx.AsyncClient
) -> None:
    pid = system.gateways[0].pid
    before_mb = peak_memory_mb(pid)
    headers = {"Authorization": f"Bearer {host.token}"}
    async with watching(pid, players) as stall:
        for bomb in (endless_extents(100), *BOMBS.values()):
            response = await anyone.post("/media", content=bomb, headers=headers)
            assert response.json()["code"] == "media_invalid"
    assert stall.busy_s < MOST_BUSY_S, stall
    assert peak_memory_mb(pid) - before_mb < 100


async def test_clients_that_never_finish_a_request_are_disconnected(
    system: System, players: Players, caller: Caller, logs: Logs
) -> None:
    unfinished = request("/api/v1/me")[:-2]
    slow = [caller.says(unfinished) for _ in range(200)]
    mute = [caller.says() for _ in range(200)]
    async with watching(system.gateways[0].pid, players) as stall:
        async with asyncio.timeout(HEAD_TIMEOUT_S + 15):
            responses = await asyncio.gather(*slow, *mute)
    assert {problem(response) for response in responses[:200]} == {(408, "request_timeout")}
    assert set(responses[200:]) == {b""}
    assert stall.busy_s < MOST_BUSY_S, stall
    assert logs.faults() == []
