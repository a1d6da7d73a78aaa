"""Long-polling, its heartbeat and its end, after the Engine.IO protocol's test suite."""

from __future__ import annotations

import asyncio
import base64

import aiohttp
import pytest

from tests.gateway.transport.conftest import PING_INTERVAL_S, PING_TIMEOUT_S
from tests.gateway.transport.raw import Raw


async def connected(raw: Raw) -> str:
    sid = await raw.polling_sid()
    assert await raw.post(sid, "40") == (200, "ok")
    heard = ""
    while '42["auth",{}]' not in heard:
        status, text = await raw.poll(sid)
        assert status == 200
        heard += text
    return sid


async def hear(raw: Raw, sid: str) -> list[str]:
    """The next packets but pings."""
    while True:
        status, text = await raw.poll(sid)
        assert status == 200
        packets = text.split("\x1e")
        if "2" in packets:
            await raw.post(sid, "3")
        if packets != ["2"]:
            return [packet for packet in packets if packet != "2"]


async def test_a_payload_with_one_packet(raw: Raw) -> None:
    sid = await connected(raw)
    assert await raw.post(sid, '421["message-with-ack","ü"]') == (200, "ok")
    assert await hear(raw, sid) == ['431["ü"]']


async def test_a_payload_with_several_packets(raw: Raw) -> None:
    sid = await connected(raw)
    packets = [f'42{n}["message-with-ack",{n}]' for n in range(1, 30)]
    assert (await raw.post(sid, "\x1e".join(packets)))[0] == 200
    assert await hear(raw, sid) == [f"43{n}[{n}]" for n in range(1, 30)]


async def test_a_payload_with_text_and_binary_packets(raw: Raw) -> None:
    sid = await connected(raw)
    attachment = "b" + base64.b64encode(b"\x01\x02\x03\x04").decode()
    event = '451-7["message-with-ack",{"_placeholder":true,"num":0},"x"]'
    assert (await raw.post(sid, f"{event}\x1e{attachment}"))[0] == 200
    heard = await hear(raw, sid)
    assert heard == ['461-7[{"_placeholder":true,"num":0},"x"]', attachment]


BAD = ["abc", "", "2", "b!!!", "4", "4abc", "40\x1eabc", "\x1e".join(["3"] * 1001), "42{}"]


@pytest.mark.parametrize("body", BAD, ids=lambda body: body[:10])
async def test_an_invalid_payload_ends_the_session(raw: Raw, body: str) -> None:
    sid = await raw.polling_sid()
    assert (await raw.post(sid, body))[0] == 400
    assert (await raw.poll(sid))[0] == 400


async def test_a_payload_that_is_too_large_ends_the_session(raw: Raw) -> None:
    sid = await raw.polling_sid()
    assert (await raw.post(sid, "4" + "x" * 1_000_001))[0] == 400
    assert (await raw.poll(sid))[0] == 400


async def test_two_polls_at_once_end_the_session(raw: Raw) -> None:
    sid = await raw.polling_sid()
    first = asyncio.create_task(raw.poll(sid))
    # time: another process has read what was sent
    await asyncio.sleep(0.05)
    assert (await raw.poll(sid))[0] == 400
    assert await first == (200, "1")
    assert (await raw.poll(sid))[0] == 400


async def test_a_poll_that_is_given_up_ends_the_session(raw: Raw) -> None:
    sid = await raw.polling_sid()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await raw.poll(sid)
    # time: another process has read what was sent
    await asyncio.sleep(0.05)
    assert (await raw.poll(sid))[0] == 400


async def test_pings_and_pongs(raw: Raw) -> None:
    sid = await raw.polling_sid()
    for _ in range(3):
        assert await raw.poll(sid) == (200, "2")
        assert (await raw.post(sid, "3"))[0] == 200


async def test_a_missing_pong_ends_the_session(raw: Raw) -> None:
    sid = await raw.polling_sid()
    # time: the deadline of a pong passes
    await asyncio.sleep(PING_INTERVAL_S + PING_TIMEOUT_S + 0.15)
    assert (await raw.poll(sid))[0] == 400


async def test_the_client_ends_the_session(raw: Raw) -> None:
    sid = await raw.polling_sid()
    poll = asyncio.create_task(raw.poll(sid))
    # time: another process has read what was sent
    await asyncio.sleep(0.02)
    assert (await raw.post(sid, "1"))[0] == 200
    assert await poll == (200, "6")
    assert (await raw.poll(sid))[0] == 400


async def test_a_connection_is_kept_alive_between_polls(echo: str) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        raw = Raw(http, echo)
        sid = await raw.polling_sid()
        assert (await raw.post(sid, "40"))[0] == 200
        assert (await raw.poll(sid))[1].startswith("40{")
        async with http.get(echo + "/hello") as response:
            assert response.status == 200
