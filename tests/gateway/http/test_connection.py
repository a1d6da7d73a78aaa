"""Raw requests to a server with tight limits."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

import aiohttp
import pytest

from gateway.http.connection import HttpConnection, RequestLimits, http_protocol
from gateway.transport import SocketServer
from tests.gateway.http.caller import Caller, problem
from tests.gateway.transport.conftest import serving
from tests.gateway.transport.raw import Raw

LIMITS = RequestLimits(head_timeout_s=0.5, body_timeout_s=1.0)
HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    sio = SocketServer()
    async with serving(sio, http=http_protocol(LIMITS), timeout_keep_alive=1) as (_, url):
        yield Caller(url)


TOO_LARGE = (431, "head_too_large")


@pytest.mark.parametrize(
    "head",
    [
        HELLO + b"Cookie: " + b"x" * 20_000 + b"\r\n\r\n",
        HELLO + b"Cookie: " + b"x" * 2_000_000 + b"\r\n\r\n",
        HELLO + b"Cookie: " + b"x" * 20_000,  # without an end
        HELLO + b"".join(b"X-%d: y\r\n" % number for number in range(100)) + b"\r\n",
        HELLO + b"X: y\r\n" * 400_000,
        HELLO + b"x" * 20_000,
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n" * 20_000,
    ],
    ids=["cookie", "2 MB", "endless value", "101", "2.4 MB", "endless name", "path", "line ends"],
)
async def test_an_oversized_head_is_rejected_with_a_problem(caller: Caller, head: bytes) -> None:
    assert problem(await caller.says(head)) == TOO_LARGE


async def test_a_head_in_pieces_counts_as_a_whole(caller: Caller) -> None:
    pieces = [HELLO, *(b"X-%d: %b\r\n" % (number, b"y" * 1000) for number in range(20))]
    assert problem(await caller.says(*pieces)) == TOO_LARGE


async def test_trailers_count_as_headers(caller: Caller) -> None:
    body = b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 400_000
    response = await caller.posts(b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert problem(response) == TOO_LARGE


async def test_a_head_within_the_limits_is_served(caller: Caller) -> None:
    headers = b"".join(b"X-%d: %b\r\n" % (number, b"y" * 140) for number in range(98))
    response = await caller.says(HELLO + headers + b"Connection: close\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_invalid_http_is_rejected_with_a_problem(caller: Caller) -> None:
    assert problem(await caller.says(b"HELO example.org\r\n\r\n")) == (400, "payload_invalid")


async def test_a_head_must_arrive_in_time(caller: Caller) -> None:
    assert problem(await caller.says(HELLO)) == (408, "request_timeout")


async def test_a_head_that_trickles_in_has_one_deadline(caller: Caller) -> None:
    async with caller.connection() as (reader, writer):

        async def trickle() -> None:
            writer.write(HELLO)
            while True:
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        response = await reader.read()
        trickling.cancel()
    assert problem(response) == (408, "request_timeout")


@pytest.mark.parametrize("begun", [HELLO[:20], b"\r\n"])
async def test_a_second_head_has_a_deadline_too(caller: Caller, begun: bytes) -> None:
    async with caller.connection() as (reader, writer):
        writer.write(HELLO + b"\r\n")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.write(begun)
        assert problem(await reader.read()) == (408, "request_timeout")


async def test_a_silent_connection_is_closed(caller: Caller) -> None:
    assert await caller.says() == b""


async def test_an_idle_connection_is_closed(caller: Caller) -> None:
    response = await caller.says(HELLO + b"\r\n")
    assert response.count(b"HTTP/1.1") == 1


async def test_a_body_must_arrive_in_time(caller: Caller) -> None:
    response = await caller.posts(b"Content-Length: 10\r\n\r\n4")
    assert problem(response) == (408, "request_timeout")


async def test_a_body_in_thousands_of_chunks_is_rejected(caller: Caller) -> None:
    pieces = b"1\r\nx\r\n" * 20_000
    response = await caller.posts(b"Transfer-Encoding: chunked\r\n\r\n" + pieces)
    assert problem(response) == (413, "payload_too_large")


async def test_too_many_pipelined_requests_close_the_connection(caller: Caller) -> None:
    received = b""
    async with caller.connection() as (reader, writer):
        writer.write((HELLO + b"\r\n") * 5_000)
        with contextlib.suppress(ConnectionResetError):
            while part := await reader.read(10_000):
                received += part
    assert received.count(b"HTTP/1.1 200 OK") < 5_000


async def test_pipelined_requests_are_served_in_order(caller: Caller) -> None:
    last = HELLO + b"Connection: close\r\n\r\n"
    response = await caller.says((HELLO + b"\r\n") * 20 + last)
    assert response.count(b"HTTP/1.1 200 OK") == 21


async def test_a_poll_may_wait_longer_than_a_head_may_take(caller: Caller) -> None:
    async with aiohttp.ClientSession() as http:
        raw = Raw(http, caller.url)
        sid = await raw.polling_sid()
        polling = asyncio.create_task(raw.poll(sid))
        done, _ = await asyncio.wait([polling], timeout=3 * LIMITS.head_timeout_s)
        assert not done
        await raw.post(sid, "40")
        assert (await polling)[0] == 200


async def test_a_websocket_outlives_the_deadlines(caller: Caller) -> None:
    async with aiohttp.ClientSession() as http, Raw(http, caller.url).websocket() as wire:
        await wire.opened()
        # time: longer than the deadlines that must not apply
        await asyncio.sleep(3 * LIMITS.head_timeout_s)
        await wire.say("40")
        assert str(await wire.hear()).startswith("40")


async def test_nothing_of_http_is_left_of_a_websocket(caller: Caller) -> None:
    gc.collect()
    gc.disable()
    try:
        async with aiohttp.ClientSession() as http, Raw(http, caller.url).websocket():
            left = [one for one in gc.get_objects() if isinstance(one, HttpConnection)]
            assert not left
    finally:
        gc.enable()


async def test_a_websockets_head_is_limited_too(caller: Caller) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with Raw(http, caller.url).websocket(
                headers={"X": "y" * 8_000, "Z": "y" * 9_000}
            ):
                pass
    assert refused.value.status == 431
