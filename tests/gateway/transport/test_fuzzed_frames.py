"""Random Engine.IO and Socket.IO traffic: whoever sends it, others are served as before."""

from __future__ import annotations

import asyncio
import os
import struct
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.rounds import BUDGET_S, repeat
from tests.gateway.transport.raw import Raw

OPENING = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PIECES = (
    *(b"0", b"1", b"2", b"2probe", b"3", b"3probe", b"4", b"5", b"6", b"40", b"40/custom,"),
    *(
        b"41",
        b'42["message-with-ack",',
        b'421["message",',
        b"43",
        b"4312[",
        b"44",
        b'451-["message",',
    ),
    *(b'{"_placeholder":true,"num":0}', b"452-7", b"]", b"[" * 600, b'"\\ud800"', b"\xff", b"\x1e"),
)
TEXT = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=6).map(b"".join)
OPCODES = st.sampled_from((0, 1, 1, 1, 1, 2, 2, 8, 9, 10, 3, 15))
FRAME = st.tuples(OPCODES, st.booleans(), st.booleans(), TEXT)
"""Opcode, whether it is final, whether it is masked (as it must be), payload."""
LOOK_S = 1.0


def encoded(opcode: int, final: bool, masked: bool, payload: bytes) -> bytes:
    head = bytes([opcode | (0x80 if final else 0)])
    mask = 0x80 if masked else 0
    size = len(payload)
    head += bytes([mask | size]) if size < 126 else struct.pack("!BH", mask | 126, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


async def exchanged(url: str, data: bytes) -> bytes:
    """What the server says to `data` until it closes, or has nothing more to say."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    heard = b""
    try:
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(LOOK_S):
            while chunk := await reader.read(65_536):
                heard += chunk
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
    return heard


@pytest.mark.timeout(BUDGET_S * 1.2 + 60)
def test_no_traffic_disturbs_others(echo: str) -> None:
    @settings(
        max_examples=300 if BUDGET_S else 30,
        database=None,
        derandomize=not BUDGET_S,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(FRAME, max_size=12), st.binary(max_size=20), st.lists(TEXT, max_size=5))
    def check(
        frames: list[tuple[int, bool, bool, bytes]], rest: bytes, packets: list[bytes]
    ) -> None:
        traffic = OPENING + b"".join(encoded(*frame) for frame in frames) + rest
        body = b"\x1e".join(packets)
        post = b"POST /socket.io/?EIO=4&transport=polling&sid=%b HTTP/1.1\r\nHost: x\r\n"
        post += b"Connection: close\r\nContent-Length: %d\r\n\r\n"

        async def attack() -> None:
            heard = await exchanged(echo, traffic)
            assert heard.startswith(b"HTTP/1.1 101"), heard[:200]
            opened = await exchanged(
                echo,
                b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n"
                b"Connection: close\r\n\r\n",
            )
            sid = opened.partition(b'"sid":"')[2].partition(b'"')[0]
            said = await exchanged(echo, post % (sid, len(body)) + body)
            assert said[:12] in (b"HTTP/1.1 200", b"HTTP/1.1 400"), said[:300]

        asyncio.run(attack())

    repeat(check)


async def test_a_witness_is_served_afterwards(raw: Raw) -> None:
    async with raw.websocket() as wire:
        await wire.connected()
        await wire.say('421["message-with-ack","still here"]')
        assert await wire.hear() == '431["still here"]'
