"""Engine.IO and Socket.IO over WebSocket, after the protocols' test suites."""

from __future__ import annotations

import json

import aiohttp
import pytest

from gateway.transport import SocketServer
from tests.gateway.transport.conftest import run
from tests.gateway.transport.raw import Raw


async def test_pings_and_pongs(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        for _ in range(3):
            assert await wire.hear(pings=True) == "2"
            await wire.say("3")


async def test_a_missing_pong_closes(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        assert await wire.hear(pings=True) == "2"
        assert await wire.is_closed()


async def test_websocket_pings_get_a_pong(raw: Raw) -> None:
    async with raw.websocket(autoping=False) as wire:
        await wire.opened()
        await wire.ws.ping(b"hello")
        pong = await wire.ws.receive(5)
        assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"hello")


async def test_the_client_closes(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say("1")
        assert await wire.is_closed()


async def test_without_a_connect_packet_it_is_closed(http: aiohttp.ClientSession) -> None:
    sio = SocketServer(ping_interval=0.2, ping_timeout=0.2, connect_timeout_s=0.3)
    async with run(sio) as url, Raw(http, url).websocket() as wire:
        await wire.opened()
        assert await wire.hear(pings=True) == "2"
        await wire.say("3")
        assert await wire.is_closed()


@pytest.mark.parametrize(
    ("namespace", "auth"),
    [("", None), ("", {"token": "123"}), ("/custom", None), ("/custom", {"token": "abc"})],
)
async def test_connecting_to_a_namespace(
    raw: Raw, namespace: str, auth: dict[str, str] | None
) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        prefix = namespace and f"{namespace},"
        await wire.say(f"40{prefix}{json.dumps(auth) if auth else ''}")
        hello = str(await wire.hear())
        assert hello.startswith(f"40{prefix}")
        assert set(json.loads(hello.removeprefix(f"40{prefix}"))) == {"sid"}
        greeting = json.dumps(["auth", auth or {}], separators=(",", ":"))
        assert await wire.hear() == f"42{prefix}{greeting}"


async def test_a_query_behind_the_namespace_is_ignored(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say("40/custom?token=1,")
        assert str(await wire.hear()).startswith("40/custom,{")


async def test_an_unknown_namespace_is_refused(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say("40/random")
        assert await wire.hear() == '44/random,{"message":"Invalid namespace"}'
        await wire.say("40")
        assert str(await wire.hear()).startswith("40{")


async def test_connecting_twice_is_refused_and_the_first_stands(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say("40")
        assert str(await wire.hear()).startswith("44{")
        await wire.say('421["message-with-ack",1]')
        assert await wire.hear() == "431[1]"


async def test_leaving_the_main_namespace_keeps_the_connection(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say("41")
        assert await wire.hear(pings=True) == "2"
        await wire.say("3", "40")
        assert str(await wire.hear()).startswith("40{")


async def test_leaving_a_custom_namespace(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say("40/custom")
        await wire.hear()
        await wire.hear()
        await wire.say("41/custom", '42["message","to the main namespace"]')
        assert await wire.hear() == '42["message-back","to the main namespace"]'


@pytest.mark.parametrize("namespace", ["", "/custom,"])
async def test_a_plain_event(raw: Raw, namespace: str) -> None:
    async with raw.websocket() as wire:
        await wire.connected(namespace)
        await wire.say(f'42{namespace}["message",1,"2",{{"3":[true]}}]')
        assert await wire.hear() == f'42{namespace}["message-back",1,"2",{{"3":[true]}}]'


@pytest.mark.parametrize("event", ["message-with-ack", "fast"])
@pytest.mark.parametrize("namespace", ["", "/custom,"])
async def test_a_plain_event_with_an_ack(raw: Raw, namespace: str, event: str) -> None:
    async with raw.websocket() as wire:
        await wire.connected(namespace)
        await wire.say(f'42{namespace}456["{event}",1,"2",{{"3":[false]}}]')
        assert await wire.hear() == f'43{namespace}456[1,"2",{{"3":[false]}}]'


PLACES = '{"_placeholder":true,"num":0},"text",{"deep":[{"_placeholder":true,"num":1}]}'


async def test_binary_attachments_both_ways(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected("/custom,")
        await wire.say(f'452-/custom,["message",{PLACES}]', b"\1\2\3", b"\4\5\6")
        assert await wire.hear() == f'452-/custom,["message-back",{PLACES}]'
        assert [await wire.hear(), await wire.hear()] == [b"\1\2\3", b"\4\5\6"]


async def test_binary_attachments_with_an_ack(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say(f'452-789["message-with-ack",{PLACES}]', b"\1\2\3", b"\4\5\6")
        assert await wire.hear() == f"462-789[{PLACES}]"
        assert [await wire.hear(), await wire.hear()] == [b"\1\2\3", b"\4\5\6"]


async def test_a_fragmented_message(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        writer = wire.ws._writer
        assert writer is not None
        for part, opcode, fin in ((b'425["mess', 1, 0), (b"age-with-", 0, 0), (b'ack","x"]', 0, 1)):
            mask = b"\0\0\0\0"
            frame = bytes([fin << 7 | opcode, 0x80 | len(part)]) + mask + part
            writer.transport.write(frame)
        assert await wire.hear() == '435["x"]'


BEFORE_CONNECT = [
    "abc",
    "4",
    "4abc",
    "47",
    "44{}",
    '42["message"]',
    '421["fast"]',
    "2",
    "0",
    "5",
    "43",
    "41",
    "431[]",
    "40abc",
    '451-["message",{"_placeholder":true,"num":0}]',
]


@pytest.mark.parametrize("packet", BEFORE_CONNECT)
async def test_an_invalid_packet_at_first_closes(raw: Raw, packet: str) -> None:
    async with raw.websocket() as wire:
        await wire.opened()
        await wire.say(packet)
        assert await wire.is_closed()


AFTER_CONNECT: list[tuple[str | bytes, ...]] = [
    ("4abc",),
    ("42{}",),
    ("42",),
    ("42[]",),
    ("42[1]",),
    ('42["message"',),
    ('42["message",NaN]',),
    ('42abc["message-with-ack",1,"2",{"3":[false]}]',),
    ('42-1["message"]',),
    ("42" + "9" * 30 + '["fast"]',),
    ("42" + "[" * 5000,),
    ('42/custom,["message"]',),
    ('42["connect"]',),
    ('42["disconnect","x"]',),
    ("43[]",),
    ("431{}",),
    ("44{}",),
    ('45-["message"]',),
    ('4599-["message"]',),
    ('45999999999-["message"]',),
    ('451-["message",{"_placeholder":true,"num":0}]', '42["message"]'),
    ('451-["message",{"_placeholder":true,"num":1}]', b"x"),
    ('451-["message",{"_placeholder":true,"num":-1}]', b"x"),
    ('451-["message",{"_placeholder":true,"num":"a"}]', b"x"),
    ('451-["message",{"_placeholder":true}]', b"x"),
    (b"binary from nowhere",),
    ("4" + "x" * 1_000_001,),
]


@pytest.mark.parametrize("packets", AFTER_CONNECT, ids=lambda packets: str(packets)[:30])
async def test_an_invalid_packet_closes(raw: Raw, packets: tuple[str | bytes, ...]) -> None:
    async with raw.websocket() as other:
        await other.connected()
        async with raw.websocket() as wire:
            await wire.connected()
            await wire.say(*packets)
            assert await wire.is_closed()
        await other.say('421["message-with-ack","still here"]')
        assert await other.hear() == '431["still here"]'


async def test_an_unknown_acknowledgement_is_ignored(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say("4399[1]", '421["message-with-ack"]')
        assert await wire.hear() == "431[]"
