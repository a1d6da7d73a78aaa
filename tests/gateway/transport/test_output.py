"""Output: encoded as by the stock server, bounded per socket, coalesced where asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import orjson
import pytest
from socketio.packet import EVENT, Packet

from gateway.transport import SocketServer, packets
from gateway.transport.decoding import decode
from tests.gateway.transport.conftest import run
from tests.gateway.transport.raw import Raw, Sleeper, Wire
from tests.waiting import until

ARGS: list[tuple[Any, ...]] = [
    (),
    (None,),
    (1, 'ü\n"', {"a": [1.5, None, True]}),
    (b"bytes",),
    ({"deep": [{"x": b"1"}, bytearray(b"2")]}, "text", b"3"),
    ({1: "a key that is a number"},),
    (2**70,),
]


@pytest.mark.parametrize("namespace", ["/", "/custom"])
@pytest.mark.parametrize("args", ARGS, ids=lambda args: str(args)[:30])
@pytest.mark.parametrize("ack_id", [None, 12])
def test_events_are_encoded_as_by_the_stock_server(
    namespace: str, args: tuple[Any, ...], ack_id: int | None
) -> None:
    ours = packets.event(packets.prefix(namespace), "event", args, ack_id)
    stock = Packet(EVENT, ["event", *args], namespace, ack_id).encode()
    text, *attachments = stock if isinstance(stock, list) else [stock]
    head, bracket, rest = ours.text.decode().partition("[")
    stock_head, _, stock_rest = text.partition("[")
    assert head == f"4{stock_head}"
    assert json.loads(bracket + rest) == json.loads(bracket + stock_rest)
    assert [*ours.attachments] == attachments
    _, *told, _, missing = decode(ours.text, max_attachments=5)
    assert (told, missing) == ([namespace, ack_id], len(attachments))


class Crowd:
    """The clients of one server, with their sids."""

    def __init__(self, sio: SocketServer) -> None:
        self.sio = sio
        self.sids: list[str] = []
        self.ended: list[tuple[str, str]] = []
        sio.on("connect", self._connect)
        sio.on("disconnect", lambda *args: self.ended.append(args))

    async def _connect(self, sid: str, _environ: Any, _auth: Any) -> None:
        self.sids.append(sid)
        await self.sio.enter_room(sid, "all")


@pytest.fixture
async def crowd() -> Crowd:
    return Crowd(SocketServer(max_backlog_bytes=300_000))


async def join(wire: Wire) -> None:
    await wire.opened()
    await wire.say("40")
    await wire.hear()


async def test_a_slow_reader_is_cut_off_and_slows_nobody(
    crowd: Crowd, http: aiohttp.ClientSession
) -> None:
    async with run(crowd.sio) as url, Raw(http, url).websocket(max_msg_size=0) as wire:
        await join(wire)
        sleeper = Sleeper(url)
        await sleeper.connect()
        payload = "x" * 50_000
        for number in range(200):
            await crowd.sio.emit("news", (number, payload), room="all")
            assert await wire.hear() == f'42["news",{number},"{payload}"]'
            if crowd.ended:
                break
        assert crowd.ended == [(crowd.sids[1], "slow_consumer")]
        assert crowd.sio.counters["end:slow_consumer"] == 1
        assert list(crowd.sio.manager.get_participants("/", "all")) == [
            (crowd.sids[0], next(iter(crowd.sio.eio.sockets)))
        ]
        sleeper.socket.close()


async def test_queued_messages_with_the_same_key_are_replaced(crowd: Crowd) -> None:
    async with run(crowd.sio) as url:
        sleeper = Sleeper(url)
        await sleeper.connect()
        session = crowd.sio.manager.member(crowd.sids[0], "/").session
        while not session.blocked:
            await crowd.sio.emit("fill", "x" * 20_000, room="all")
        for number in range(1000):
            await crowd.sio.emit("progress", number, room="all", coalesce_key="progress")
            await crowd.sio.emit("lobby", number, room="all", coalesce_key="lobby")
        await crowd.sio.emit("reveal", "!", room="all")
        await crowd.sio.emit("progress", "late", room="all", coalesce_key="progress")
        heard = await sleeper.read_until(b'42["progress","late"]')
        tail = heard[heard.index(b'42["progress"') :]
        assert tail.split(b"\x81")[0].startswith(b'42["progress",999]')
        order = [b'42["progress",999]', b'42["lobby",999]', b'42["reveal","!"]', b'"late"']
        places = [heard.index(packet) for packet in order]
        assert places == sorted(places)
        assert heard.count(b'42["lobby"') == 1
        assert crowd.sio.counters["coalesced"] == 1998
        sleeper.socket.close()


@pytest.mark.parametrize("namespace", ["/", "/custom"])
async def test_a_common_and_an_own_part_are_two_arguments(
    http: aiohttp.ClientSession, namespace: str
) -> None:
    sio = SocketServer(namespaces=["/", "/custom"])
    sids: list[str] = []
    sio.on("connect", lambda sid, _environ, _auth: sids.append(sid), namespace=namespace)
    common = {"solution": [0], "text": "ü", "leaderboard": [{"rank": 1}]}
    async with run(sio) as url:
        raw = Raw(http, url)
        async with raw.websocket() as ann, raw.websocket() as bob:
            for wire in (ann, bob):
                await wire.opened()
                await wire.say("40" if namespace == "/" else f"40{namespace},")
                await wire.hear()
            own = {sids[0]: {"points": 1}, sids[1]: orjson.Fragment(b'{"points":22}'), "gone": 3}
            encoded = orjson.Fragment(orjson.dumps(common))
            for part in (common, encoded):
                assert sio.emit_parts("reveal", part, own.items(), namespace=namespace) == 2
                for wire, points in ((ann, 1), (bob, 22)):
                    stock = Packet(EVENT, ["reveal", common, {"points": points}], namespace)
                    text = str(await wire.hear())
                    prefix, bracket, rest = text.partition("[")
                    expected = "4" + stock.encode()
                    assert prefix == expected.partition("[")[0]
                    assert json.loads(bracket + rest) == stock.data


async def test_polling_clients_are_bounded_and_coalesced_too(
    crowd: Crowd, http: aiohttp.ClientSession
) -> None:
    async with run(crowd.sio) as url:
        raw = Raw(http, url)
        sid = await raw.polling_sid()
        await raw.post(sid, "40")
        assert (await raw.poll(sid))[1].startswith("40{")
        for number in range(10):
            await crowd.sio.emit("progress", number, room="all", coalesce_key="progress")
        assert await raw.poll(sid) == (200, '42["progress",9]')
        poll = asyncio.create_task(raw.poll(sid))
        # time: the server holds the poll by then
        await asyncio.sleep(0.05)
        await crowd.sio.emit("progress", "at once", room="all", coalesce_key="progress")
        assert await poll == (200, '42["progress","at once"]')
        for _ in range(10):
            await crowd.sio.emit("news", "x" * 50_000, room="all")
        await until(lambda: bool(crowd.ended))
        assert crowd.ended == [(crowd.sids[0], "slow_consumer")]
        assert (await raw.poll(sid))[0] == 400
