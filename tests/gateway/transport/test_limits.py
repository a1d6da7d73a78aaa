"""What a client may take is bounded, whatever it sends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import pytest

from gateway.transport import Limits, Member, SocketServer, reading
from gateway.transport.bounded import CONNECT_COST
from tests.gateway.transport.conftest import run
from tests.gateway.transport.raw import Raw, Sleeper, Wire, frame
from tests.waiting import until

POLICY = 1008
PACKETS = 200
PAYLOAD_BYTES = 16_000

FLOODS: dict[str, bytes] = {
    "noops": frame("6"),
    "pongs": frame("3"),
    "pings of WebSocket": frame(b"", kind=9),
    "pongs of WebSocket": frame(b"", kind=10),
    "acknowledgements of nothing": frame("437[]"),
    "events that nobody handles": frame('42["nothing"]'),
    "unknown namespaces": frame("40/nowhere,"),
    "coming and going": frame("41") + frame("40"),
    "large messages": frame('42["nothing","' + "x" * 15_000 + '"]'),
}


def server(**limits: Any) -> SocketServer:
    sio = SocketServer(max_http_buffer_size=PAYLOAD_BYTES, limits=Limits(**limits))
    sio.on("connect", lambda *_: None)
    return sio


async def send_until_closed(flooding: Sleeper, content: bytes) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            while True:
                await loop.sock_sendall(flooding.socket, content)


async def test_what_is_read_at_once_is_bounded_while_a_client_floods() -> None:
    sio = server()
    async with run(sio) as url:
        flooding = Sleeper(url)
        await flooding.connect()
        (session,) = sio.eio.sockets.values()
        transport = session.transport.underlying_transport
        await asyncio.get_running_loop().sock_sendall(flooding.socket, frame("6") * 500_000)
        await asyncio.get_running_loop().sock_sendall(flooding.socket, frame('421["?"]'))
        protocol = transport.get_protocol()
        assert len(protocol.get_buffer(-1)) <= reading.READ_BYTES
        assert len(reading._buffer_of(protocol, -1)) <= 64 * 1024
        flooding.socket.close()


@pytest.mark.parametrize("name", list(FLOODS))
async def test_a_session_that_sends_too_many_packets_ends(name: str) -> None:
    sio = server(packets=PACKETS)
    async with run(sio) as url:
        flooding = Sleeper(url)
        await flooding.connect()
        await send_until_closed(flooding, FLOODS[name] * 100)
        await until(lambda: sio.counters["end:too_many_packets"] == 1)
        flooding.socket.close()


async def test_the_client_is_told_that_it_sends_too_much(http: aiohttp.ClientSession) -> None:
    async with run(server(packets=PACKETS)) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say(*["6"] * (PACKETS + 1))
        assert await wire.is_closed()
        assert wire.ws.close_code == POLICY


async def test_a_ping_renews_what_a_client_may_send(http: aiohttp.ClientSession) -> None:
    sio = SocketServer(ping_interval=0.2, ping_timeout=5, limits=Limits(packets=PACKETS))
    sio.on("connect", lambda *_: None)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40")
        await wire.hear()
        for _ in range(3):
            await wire.say(*["6"] * (PACKETS - CONNECT_COST - 1))
            assert await wire.hear(pings=True) == "2"
            await wire.say("3")
        assert not wire.ws.closed


@pytest.mark.parametrize("body", ["6", "\x1e".join(["6"] * 100), "40/nowhere,"])
async def test_a_polling_session_that_sends_too_much_ends(
    http: aiohttp.ClientSession, body: str
) -> None:
    sio = server(packets=PACKETS)
    async with run(sio) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        async with asyncio.timeout(5):
            while (await raw.post(sid, body))[0] == 200:
                pass
        assert sio.counters["end:too_many_packets"] == 1


async def test_polls_that_return_at_once_are_counted(http: aiohttp.ClientSession) -> None:
    sio = server(packets=PACKETS)
    async with run(sio) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        async with raw.probe(sid) as wire:  # polls are answered with a noop from now on
            await wire.say("2probe")
            await wire.hear()
            async with asyncio.timeout(5):
                while (await raw.poll(sid))[0] == 200:
                    pass
        assert sio.counters["end:too_many_packets"] == 1


async def test_who_does_not_join_in_time_is_disconnected(http: aiohttp.ClientSession) -> None:
    sio = SocketServer(ping_interval=0.2, limits=Limits(join_timeout_s=0.4))
    sio.on("connect", lambda *_: None)
    members: list[Member] = []

    async def accepted(member: Member) -> None:
        members.append(member)

    sio.on_accepted("/", accepted)
    async with run(sio) as url:
        raw = Raw(http, url)
        async with raw.websocket() as idle, raw.websocket() as player:
            for wire in (idle, player):
                await wire.opened()
                await wire.say("40")
                await wire.hear()
            await until(lambda: len(members) == 2)
            members[1].settle()
            playing = asyncio.create_task(_keep_alive(player))
            assert await _keep_alive(idle) == POLICY
            assert sio.counters["end:join_timeout"] == 1
            # time: longer than the others had
            await asyncio.sleep(0.5)
            assert not playing.done()
            playing.cancel()


async def test_who_has_left_must_join_again(http: aiohttp.ClientSession) -> None:
    sio = SocketServer(ping_interval=0.2, limits=Limits(join_timeout_s=0.3))
    sio.on("connect", lambda *_: None)

    async def accepted(member: Member) -> None:
        member.settle()

    sio.on_accepted("/", accepted)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        for _ in range(2):
            await wire.say("40")
            assert str(await wire.hear()).startswith("40{")
            # time: longer than it may stay without joining
            await asyncio.sleep(0.4)
            await wire.say("41")
        assert await _keep_alive(wire) == POLICY


async def test_who_polls_must_join_in_time_too(http: aiohttp.ClientSession) -> None:
    sio = server(join_timeout_s=0.2)
    async with run(sio) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        assert await raw.poll(sid) == (200, "1")
        assert (await raw.poll(sid))[0] == 400
        assert sio.counters["end:join_timeout"] == 1


async def _keep_alive(wire: Wire) -> int | None:
    """Answer pings until the server closes the connection; returns its code."""
    with contextlib.suppress(ConnectionError):
        while True:
            await wire.hear()
    return wire.ws.close_code


NETWORK = {"X-Network": "school"}


def _networks(handshake: Any) -> str:
    return str(handshake.header(b"x-network"))


async def test_sessions_from_one_network_are_bounded(http: aiohttp.ClientSession) -> None:
    sio = server(sessions_per_network=2, network_of=_networks)
    async with run(sio) as url:
        raw = Raw(http, url)
        async with http.get(f"{url}/socket.io/?EIO=4&transport=polling", headers=NETWORK) as opened:
            assert opened.status == 200
        async with raw.websocket(headers=NETWORK) as wire:
            await wire.opened()
            with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
                async with raw.websocket(headers=NETWORK):
                    pass
            async with http.get(
                f"{url}/socket.io/?EIO=4&transport=polling", headers=NETWORK
            ) as refused:
                assert refused.status == 429
                assert await refused.json(content_type=None) == (
                    "Too many connections from your network"
                )
            async with raw.websocket() as other:
                await other.opened()
        assert sio.counters["refused:network_full"] == 2
        await until(lambda: len(sio.eio.sockets) == 1)
        async with raw.websocket(headers=NETWORK) as wire:  # the place is free again
            await wire.opened()


async def test_sessions_in_total_are_bounded(http: aiohttp.ClientSession) -> None:
    sio = server(sessions=1)
    async with run(sio) as url:
        raw = Raw(http, url)
        async with raw.websocket() as wire:
            await wire.opened()
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with raw.websocket():
                    pass
            assert (await raw.ask("GET", "EIO=4&transport=polling"))[0] == 503
        assert sio.counters["refused:server_full"] == 2


async def test_an_upgrade_takes_one_place_in_the_end(http: aiohttp.ClientSession) -> None:
    sio = server(sessions=2)
    async with run(sio) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        async with raw.probe(sid) as wire:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with raw.probe(sid):
                    pass
            await wire.say("2probe")
            await wire.hear()
            await wire.say("5", "40")
            await wire.hear()
            async with raw.websocket() as other:
                await other.opened()


async def test_a_handshake_that_fails_takes_no_place(http: aiohttp.ClientSession) -> None:
    async with run(server(sessions=1)) as url:
        raw = Raw(http, url)
        headers = {"Connection": "Upgrade", "Upgrade": "websocket"}  # and no key
        address = f"{url}/socket.io/?EIO=4&transport=websocket"
        for _ in range(3):
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(address, headers=headers) as refused:
                    assert refused.status == 400
        async with raw.websocket() as wire:
            await wire.opened()


async def test_all_backlogs_together_are_bounded() -> None:
    sio = server(backlog_bytes=1_000_000)
    sids: list[str] = []

    async def connect(sid: str, _environ: Any, _auth: Any) -> None:
        sids.append(sid)

    sio.on("connect", connect)
    async with run(sio) as url:
        sleepers = [Sleeper(url) for _ in range(5)]
        for sleeper in sleepers:
            await sleeper.connect()
        sessions = [sio.manager.member(sid, "/").session for sid in sids]
        for session in sessions:  # fill the kernels' buffers
            while not session.blocked:
                await sio.emit("fill", "x" * 20_000, to=session.members["/"].sid)
        behind = sids[2]
        for _ in range(30):
            await sio.emit("news", "x" * 10_000, to=behind)
            for sid in sids:
                await sio.emit("news", "x" * 10_000, to=sid)
        await until(lambda: sio.counters["end:slow_consumer"] > 0)
        assert not sio.manager.is_connected(behind, "/")
        assert sum(session.backlog() for session in sessions if not session.closed) < 1_000_000
        assert sio.eio.backlogs.total() < 1_000_000
        for sleeper in sleepers:
            sleeper.socket.close()
        await until(lambda: sio.eio.backlogs.total() == 0)


async def test_nesting_of_events_with_attachments_is_bounded(http: aiohttp.ClientSession) -> None:
    sio = server()
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40")
        await wire.hear()
        deep = "[" * 900 + '{"_placeholder":true,"num":0}' + "]" * 900
        await wire.say(f'451-["news",{deep}]', b"bytes")
        assert await wire.is_closed()
        assert wire.ws.close_code == 1002
        assert sio.counters["bad_packets"] == 1


async def test_nesting_of_polled_events_is_bounded(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with run(server()) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        deep = "[" * 900 + '{"_placeholder":true,"num":0}' + "]" * 900
        packets = ["40", f'451-["news",{deep}]', "bAAAA"]
        assert (await raw.post(sid, "\x1e".join(packets)))[0] == 400
        assert sum(len(caplog.handler.format(record)) for record in caplog.records) < 2_000
