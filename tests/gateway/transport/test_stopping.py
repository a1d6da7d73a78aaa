"""Stopping a server: sockets are told, and none holds it up."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import aiohttp
import pytest

from gateway.transport import SocketServer
from gateway.transport.serving import SocketsFirstServer
from tests.gateway.transport.conftest import serving
from tests.gateway.transport.raw import Raw

SOCKETS = 200


async def drained(server: SocketsFirstServer) -> None:
    for _ in range(500):
        if not server.server_state.connections:
            return
        # time: before it looks again
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_with_many_open_sockets(http: aiohttp.ClientSession) -> None:
    sio = SocketServer()
    ended: list[str] = []

    async def disconnect(_sid: str, reason: str) -> None:
        # time: a handler that takes a moment
        await asyncio.sleep(0.01)
        ended.append(reason)

    sio.on("disconnect", disconnect)
    async with AsyncExitStack() as stack:
        server, url = await stack.enter_async_context(serving(sio))
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        raw = Raw(session, url)
        wires = [await stack.enter_async_context(raw.websocket()) for _ in range(SOCKETS)]
        for wire in wires:
            await wire.opened()
            await wire.say("40")
            await wire.hear()
        sid = await raw.polling_sid()
        poll = asyncio.create_task(raw.poll(sid))
        # time: the server holds the poll by then
        await asyncio.sleep(0.05)
        began = time.monotonic()
        server.should_exit = True
        for wire in wires:
            assert await wire.hear() == "1"
        assert await poll == (200, "1")
        await drained(server)
        assert time.monotonic() - began < 2
        assert ended == ["server disconnect"] * SOCKETS


async def test_clients_that_do_not_read_do_not_hold_it_up() -> None:
    sio = SocketServer()
    async with serving(sio) as (server, url):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\n"
            b"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x81\x82\0\0\0\0" + b"40"
        )
        await reader.readuntil(b'"maxPayload":1000000}')
        (session,) = sio.eio.sockets.values()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        while session.backlog() < 100_000:
            session.put_packet(b"6" * 100_000)
        began = time.monotonic()
        server.should_exit = True
        await drained(server)
        assert time.monotonic() - began < 4
        writer.transport.abort()


async def test_newcomers_are_sent_elsewhere(http: aiohttp.ClientSession) -> None:
    sio = SocketServer()
    async with serving(sio) as (_, url):
        raw = Raw(http, url)
        await sio.shutdown()
        assert (await raw.ask("GET", "EIO=4&transport=polling"))[0] == 503
        async with http.get(url + "/hello") as response:
            assert response.status == 200


async def test_sessions_go_on_while_newcomers_are_refused(http: aiohttp.ClientSession) -> None:
    sio = SocketServer()
    async with serving(sio) as (_, url):
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        sio.refuse_newcomers()
        assert (await raw.post(sid, "3"))[0] == 200
        assert (await raw.ask("GET", "EIO=4&transport=polling"))[0] == 503
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with raw.websocket():
                pass


async def test_ids_begin_with_the_tag_of_the_server(http: aiohttp.ClientSession) -> None:
    async with serving(SocketServer(session_tag="g1")) as (_, url):
        raw = Raw(http, url)
        assert (await raw.open_polling())["sid"].startswith("g1.")
        async with raw.websocket() as wire:
            assert (await wire.opened())["sid"].startswith("g1.")


async def test_uvicorns_limit_counts_sockets(http: aiohttp.ClientSession) -> None:
    async with serving(SocketServer(), limit_concurrency=3) as (_, url):
        raw = Raw(http, url)
        async with raw.websocket() as first, raw.websocket() as second:
            await first.opened()
            await second.opened()
            async with http.get(url + "/hello") as response:
                assert response.status == 503
        # time: the server has noticed that both sockets are closed
        await asyncio.sleep(0.1)
        async with http.get(url + "/hello") as response:
            assert response.status == 200
