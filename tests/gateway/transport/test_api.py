"""What applications of the stock server rely on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import socketio

from gateway.transport import Member, SocketServer
from tests.gateway.transport.conftest import run
from tests.gateway.transport.raw import Raw
from tests.waiting import until


class Lobby(socketio.AsyncNamespace):  # type: ignore[misc]
    """Records who connects and how connections end."""

    def __init__(self) -> None:
        super().__init__("/lobby")
        self.ended: list[tuple[str, str]] = []
        self.sids: list[str] = []

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        # time: a handler that takes a moment
        await asyncio.sleep(0.01)
        if auth == "no":
            raise socketio.exceptions.ConnectionRefusedError("not you", {"code": 7})
        if auth == "broken":
            raise RuntimeError("broken")
        assert "EIO=4" in environ["QUERY_STRING"]
        self.sids.append(sid)
        await self.enter_room(sid, "all")
        await self.save_session(sid, {"auth": auth})

    async def on_disconnect(self, sid: str, reason: str) -> None:
        session = await self.get_session(sid)
        assert "all" in self.rooms(sid)
        self.ended.append((session["auth"], reason))

    async def on_whoami(self, sid: str) -> Any:
        async with self.session(sid) as session:
            return session["auth"], self.server.transport(sid, "/lobby")


class Stage:
    def __init__(self, sio: SocketServer, lobby: Lobby, url: str) -> None:
        self.sio, self.lobby, self.url = sio, lobby, url
        self.clients: list[socketio.AsyncClient] = []

    async def client(self, auth: str, **options: Any) -> socketio.AsyncClient:
        client = socketio.AsyncClient(reconnection=False)
        self.clients.append(client)
        client.heard = []
        client.on("news", client.heard.append, namespace="/lobby")
        client.on("ask", lambda value: (value, "reply"), namespace="/lobby")
        options = {"transports": ["websocket"], **options}
        await client.connect(self.url, namespaces=["/lobby"], auth=auth, **options)
        return client


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    sio = SocketServer(ping_interval=0.4, ping_timeout=0.3)
    lobby = Lobby()
    sio.register_namespace(lobby)
    async with run(sio) as url:
        stage = Stage(sio, lobby, url)
        yield stage
        for client in stage.clients:
            await client.disconnect()


async def settle() -> None:
    # time: what must not arrive would have arrived by then
    await asyncio.sleep(0.1)


async def test_a_namespace_class_with_sessions(stage: Stage) -> None:
    ann = await stage.client("ann")
    assert await ann.call("whoami", namespace="/lobby") == ("ann", "websocket")


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]])
async def test_a_refusal_reaches_the_client(stage: Stage, transports: list[str]) -> None:
    for auth, message in (("no", "not you"), ("broken", "Connection refused by server")):
        client = socketio.AsyncClient(reconnection=False)
        errors: list[Any] = []
        client.on("connect_error", errors.append, namespace="/lobby")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(stage.url, namespaces=["/lobby"], auth=auth, transports=transports)
        assert errors[0]["message"] == message


async def test_rooms_and_recipients(stage: Stage) -> None:
    ann, bob, eve = [await stage.client(name) for name in ("ann", "bob", "eve")]
    sids = stage.lobby.sids
    emit = stage.lobby.emit
    await emit("news", 1)
    await emit("news", 2, room="all", skip_sid=sids[0])
    await emit("news", 3, to=sids[1])
    await stage.sio.enter_room(sids[2], "front", namespace="/lobby")
    await emit("news", 4, room="front")
    await emit("news", 5, room=["front", "all"])
    await stage.sio.leave_room(sids[2], "front", namespace="/lobby")
    await emit("news", 6, room="front")
    await stage.sio.close_room("all", namespace="/lobby")
    await emit("news", 7, room="all")
    await settle()
    assert [client.heard for client in (ann, bob, eve)] == [[1, 5], [1, 2, 3, 5], [1, 2, 4, 5]]
    with pytest.raises(ValueError, match="sid room"):
        await stage.sio.enter_room(sids[0], sids[1], namespace="/lobby")
    with pytest.raises(ValueError, match="not connected"):
        await stage.sio.enter_room("nobody", "all", namespace="/lobby")
    await stage.sio.enter_room(sids[0], "all", namespace="/lobby")  # for `on_disconnect`
    await stage.sio.enter_room(sids[1], "all", namespace="/lobby")
    await stage.sio.enter_room(sids[2], "all", namespace="/lobby")


async def test_the_server_asks_and_clients_reply(stage: Stage) -> None:
    await stage.client("ann")
    (sid,) = stage.lobby.sids
    reply = await stage.sio.call("ask", b"bytes", to=sid, namespace="/lobby", timeout=5)
    assert reply == (b"bytes", "reply")
    replied: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def callback(*args: Any) -> None:
        replied.set_result(args)

    await stage.lobby.emit("ask", 2, to=sid, callback=callback)
    assert await asyncio.wait_for(replied, 5) == (2, "reply")


async def test_the_server_disconnects_a_client(stage: Stage) -> None:
    ann = await stage.client("ann")
    await stage.sio.disconnect(stage.lobby.sids[0], namespace="/lobby")
    assert stage.lobby.ended == [("ann", "server disconnect")]
    await settle()
    assert not ann.connected
    assert stage.sio.manager.member(stage.lobby.sids[0], "/lobby") is None


async def test_reasons_of_disconnection(stage: Stage, http: aiohttp.ClientSession) -> None:
    raw = Raw(http, stage.url)
    for leaving in ("41/lobby,", "1"):
        async with raw.websocket() as wire:
            await wire.opened()
            await wire.say('40/lobby,"ann"')
            await wire.hear()
            await wire.say(leaving)
            await settle()
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"bob"')
        await wire.hear()
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"eve"')
        await wire.hear()
        await wire.hear(pings=True)
        await wire.is_closed()
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"joe"')
        await wire.hear()
        await wire.say("4?")
        await wire.is_closed()
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"kim"')
        await wire.hear()
        stage.sio.disconnect_session(stage.lobby.sids[-1], "/lobby")
        assert await wire.hear() == "1"
    await settle()
    assert stage.lobby.ended == [
        ("ann", "client disconnect"),
        ("ann", "client disconnect"),
        ("bob", "transport close"),
        ("eve", "ping timeout"),
        ("joe", "transport error"),
        ("kim", "server disconnect"),
    ]
    assert not stage.sio.eio.sockets
    assert not stage.sio.manager.namespaces["/lobby"].members
    assert not stage.sio.manager.namespaces["/lobby"].rooms


async def test_a_client_that_leaves_while_it_connects_gets_its_disconnect_handler_called(
    stage: Stage, http: aiohttp.ClientSession
) -> None:
    async with Raw(http, stage.url).websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"ann"')
    await settle()
    assert stage.lobby.ended == [("ann", "transport close")]
    assert not stage.sio.manager.namespaces["/lobby"].members


async def test_accepted_clients_can_be_sent_events_at_once(
    stage: Stage, http: aiohttp.ClientSession
) -> None:
    async def greet(member: Member) -> None:
        await stage.lobby.emit("news", "welcome", to=member.sid)

    stage.sio.on_accepted("/lobby", greet)
    async with Raw(http, stage.url).websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"no"')
        assert str(await wire.hear()).startswith("44/lobby,{")
        await wire.say('40/lobby,"ann"', '42/lobby,1["whoami"]')
        assert str(await wire.hear()).startswith("40/lobby,{")
        heard = {await wire.hear(), await wire.hear()}
        assert heard == {'42/lobby,["news","welcome"]', '43/lobby,1["ann","websocket"]'}


async def test_a_hook_for_accepted_clients_may_wait_though_no_handler_does(
    http: aiohttp.ClientSession,
) -> None:
    sio = SocketServer(namespaces=["/"])
    greeted: list[str] = []

    async def greet(member: Member) -> None:
        await asyncio.sleep(0)
        greeted.append(member.sid)
        member.session.end("gone")

    sio.on_accepted("/", greet)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40")
        sid = json.loads(str(await wire.hear())[2:])["sid"]
        assert await wire.is_closed()
    assert greeted == [sid]


async def test_packets_wait_for_the_connect_handler(
    stage: Stage, http: aiohttp.ClientSession
) -> None:
    async with Raw(http, stage.url).websocket() as wire:
        await wire.opened()
        await wire.say('40/lobby,"ann"', '42/lobby,1["whoami"]', '42/lobby,2["whoami"]')
        assert str(await wire.hear()).startswith("40/lobby,{")
        heard = {await wire.hear(), await wire.hear()}
        assert heard == {f'43/lobby,{n}["ann","websocket"]' for n in (1, 2)}


async def test_packets_that_wait_are_not_piled_up(http: aiohttp.ClientSession) -> None:
    sio = SocketServer()
    released = asyncio.Event()

    entered: list[int] = []

    async def connect(_sid: str, _environ: Any, _auth: Any) -> None:
        entered.append(1)
        await released.wait()

    sio.on("connect", connect)
    sio.on_fast("/", "fast", lambda _member, args, _ack_id: tuple(args))
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40")
        await until(lambda: entered == [1])
        (session,) = sio.eio.sockets.values()
        sending = asyncio.gather(*(wire.say(f'42{n}["fast",{n}]') for n in range(5000)))
        await until(lambda: len(session.held) >= 1)
        # time: without a bound, all 5,000 would have arrived by then
        await asyncio.sleep(0.1)
        assert len(session.held) <= 500
        released.set()
        assert str(await wire.hear()).startswith("40{")
        assert [await wire.hear() for _ in range(5000)] == [f"43{n}[{n}]" for n in range(5000)]
        await sending


async def test_a_fast_handler_may_acknowledge_later(http: aiohttp.ClientSession) -> None:
    sio = SocketServer()
    loop = asyncio.get_running_loop()

    def submit(member: Member, args: list[Any], ack_id: int | None) -> None:
        assert ack_id is not None
        loop.call_later(0.05, member.ack, ack_id, *args)

    sio.on_fast("/", "submit", submit)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40", '428["submit",1,2]')
        await wire.hear()
        assert await wire.hear() == "438[1,2]"


async def test_a_fast_handler_may_reply_with_what_json_hardly_has(
    http: aiohttp.ClientSession,
) -> None:
    sio = SocketServer()
    replies = iter([{1: "a number as key"}, 2**70, b"bytes", ()])
    sio.on_fast("/", "submit", lambda _member, _args, _ack_id: next(replies))
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40", *(f'42{number}["submit"]' for number in range(4)))
        await wire.hear()
        assert [await wire.hear() for _ in range(5)] == [
            '430[{"1":"a number as key"}]',
            f"431[{2**70}]",
            '461-2[{"_placeholder":true,"num":0}]',
            b"bytes",
            "433[]",
        ]


async def test_handlers_run_in_order_where_asked_to(http: aiohttp.ClientSession) -> None:
    sio = SocketServer(async_handlers=False)

    async def slow(_sid: str, seconds: float) -> float:
        await asyncio.sleep(seconds)  # time: a handler that takes so long
        return seconds

    sio.on("slow", slow)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        await wire.say("40", '421["slow",0.1]', '422["slow",0.0]', '423["slow",0.01]')
        await wire.hear()
        heard = [await wire.hear() for _ in range(3)]
        assert heard == ["431[0.1]", "432[0.0]", "433[0.01]"]
