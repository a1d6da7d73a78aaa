"""Whatever a client sends is acknowledged, or ends its own connection, and nobody else's."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import aiohttp
import pytest

from tests.gateway.live.client import Client, code_of
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show

BAD: list[tuple[str, tuple[Any, ...]]] = [
    ("unknown", ({},)),
    ("", ({},)),
    ("trigger_event", ({},)),
    ("join", ()),
    ("join", (None,)),
    ("join", ("123456",)),
    ("join", ([],)),
    ("join", ({},)),
    ("join", ({"pin": "1"},)),
    ("join", ({"pin": None, "nickname": "Ann"},)),
    ("join", ({"pin": "1", "nickname": "Ann"}, "more")),
    ("join", (b"binary",)),
    ("join", ({"pin": b"binary", "nickname": "Ann"},)),
    ("answer", ()),
    ("answer", (0, 0)),
    ("answer", ({"question": 0},)),
    ("answer", ({"question": "0", "answer": 0},)),
    ("answer", ({"question": True, "answer": 0},)),
    ("answer", ({"question": -1, "answer": 0},)),
    ("answer", ({"question": 1.5, "answer": 0},)),
    ("answer", ({"question": 10**15, "answer": 0},)),
    ("sync", ()),
    ("sync", ({},)),
    ("sync", ({"t0": "now"},)),
    ("sync", ({"t0": None},)),
    ("sync", ({"t0": True},)),
    ("sync", ({"t0": [1]},)),
    ("start", ({},)),
    ("next", ({},)),
    ("kick", ({"player_id": "x"},)),
]


async def ask(client: Client, event: str, args: tuple[Any, ...]) -> Any:
    return await client.ask(event, *args)


@pytest.mark.parametrize(("event", "args"), BAD, ids=lambda value: str(value)[:40])
async def test_it_is_refused_in_the_agreed_shape(
    connect: Connect, event: str, args: tuple[Any, ...]
) -> None:
    client = await connect()
    answer = await ask(client, event, args)
    assert code_of(answer) == "payload_invalid"
    assert "Traceback" not in str(answer)
    assert (await client.ask("sync", {"t0": 1}))["ok"]


@pytest.mark.parametrize(
    "answer",
    [None, True, -1, 2, 0.5, "0", [], [0], {}, {"a": 1}, 2**60, "x" * 500, b"\x00", [[0]]],
    ids=lambda value: str(value)[:20],
)
async def test_an_answer_of_the_wrong_shape_is_invalid(
    connect: Connect, show: Show, answer: Any
) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await player.hears("question")
    assert code_of(await player.answer(0, answer)) == "answer_invalid"
    assert (await player.answer(0, 0))["ok"]


async def test_sync_echoes_and_works_before_joining(connect: Connect) -> None:
    client = await connect()
    for t0 in (0, 1_700_000_000_123, -5, 12.75, 1e300):
        answer = await client.ask("sync", {"t0": t0})
        assert answer["ok"]
        assert math.isclose(answer["t0"], t0)
        assert isinstance(answer["server_ms"], int)


async def test_unknown_fields_are_ignored(connect: Connect, show: Show) -> None:
    client = await connect()
    await client.join(show.pin, "Ann", avatar="cat")


async def test_too_many_events_are_refused_and_the_socket_recovers(connect: Connect) -> None:
    client = await connect()
    answers = await asyncio.gather(*(client.ask("sync", {"t0": n}) for n in range(80)))
    refused = [answer for answer in answers if not answer["ok"]]
    assert 20 <= len(refused) <= 40
    assert {code_of(answer) for answer in refused} == {"too_many_requests"}
    assert refused[0]["error"]["retryable"]
    await asyncio.sleep(0.3)  # time: how fast a socket's allowance refills
    assert (await client.ask("sync", {"t0": 1}))["ok"]


RAW = [
    "4",
    "42/play,",
    "42/play,5",
    "42/play,5[]",
    "42/play,5{}",
    "42/play,5[1]",
    '42/play,5[{"a":1},2]',
    '42/play,5["disconnect","client namespace disconnect"]',
    '42/play,5["connect",{},{}]',
    '42/play,5["answer",{"question":0,"answer":NaN}]',
    '42/play,5["answer"',
    "42/play,5" + "[" * 5_000,
    '42/play,5["answer",{"question":0,"answer":1180591620717411303424}]',
    "43/play,1[]",
    "44/play,{}",
    "45-",
    '459999999999999-/play,["answer",{}]',
    '451-/play,6["join",{"_placeholder":true,"num":99}]',
    "49",
    "4zzz",
    "zzz",
    '42/other,5["sync",{"t0":1}]',
    "x" * 20_000,
    '42/play,5["answer",{"question":0,"answer":"' + "x" * 20_000 + '"}]',
]


@pytest.mark.parametrize("frame", RAW, ids=lambda value: str(value)[:40])
async def test_a_raw_frame_harms_only_its_sender(
    gateway: Gateway, connect: Connect, frame: str
) -> None:
    bystander = await connect()
    url = gateway.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        await ws.receive_str(timeout=5)
        await ws.send_str("40/play,")
        assert (await ws.receive_str(timeout=5)).startswith("40/play,")
        await ws.send_str(frame)
        if frame.startswith("451-"):
            await ws.send_bytes(b"attachment")
        await ws.send_str('42/play,7["sync",{"t0":1}]')
        async for message in ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            text = str(message.data)
            assert "Traceback" not in text
            if text.startswith("43/play,7"):
                break
            assert '"ok":false' in text or text[0] in "16", text
    assert (await bystander.ask("sync", {"t0": 1}))["ok"]
    assert not bystander.disconnected


async def test_a_client_cannot_fire_the_servers_own_events(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    for event in ("connect", "disconnect"):
        answer = await player.ask(event, {})
        assert code_of(answer) == "payload_invalid"
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None
    assert player.player_id in room.seats.players
