"""Upgrades from polling to WebSocket."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.transport.raw import Raw


async def test_a_session_goes_on_over_websocket(raw: Raw) -> None:
    sid = await raw.polling_sid()
    poll = asyncio.create_task(raw.poll(sid))
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        assert await wire.hear() == "3probe"
        assert await poll == (200, "6")
        assert await raw.poll(sid) == (200, "6")
        await wire.say("5", "40")
        assert str(await wire.hear()).startswith("40{")


async def test_what_was_sent_meanwhile_arrives_in_order(raw: Raw) -> None:
    sid = await raw.polling_sid()
    await raw.post(sid, "40")
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        assert await wire.hear() == "3probe"
        body = "\x1e".join(f'42{n}["message-with-ack",{n}]' for n in range(5))
        assert (await raw.post(sid, body))[0] == 200
        await wire.say("5", '425["message-with-ack",5]')
        heard = [str(await wire.hear()) for _ in range(8)]
        assert heard[0].startswith("40{")
        assert [packet for packet in heard if packet.startswith("43")] == [
            f"43{n}[{n}]" for n in range(6)
        ]


async def test_its_heartbeat_goes_on(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        await wire.hear()
        await wire.say("5")
        for _ in range(3):
            assert await wire.hear(pings=True) == "2"
            await wire.say("3")
        assert await wire.hear(pings=True) == "2"
        assert await wire.is_closed()


async def test_http_requests_are_refused_afterwards(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        await wire.hear()
        await wire.say("5", "40")
        await wire.hear()
        assert (await raw.poll(sid))[0] == 400
        assert (await raw.post(sid, "41"))[0] == 400
        await wire.say('429["message-with-ack"]')
        assert await wire.hear() == '42["auth",{}]'
        assert await wire.hear() == "439[]"


async def test_another_websocket_is_accepted_and_closed_afterwards(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        await wire.hear()
        await wire.say("5", "40")
        await wire.hear()
        async with raw.probe(sid) as another:
            assert await another.is_closed()
        assert await wire.hear() == '42["auth",{}]'


@pytest.mark.parametrize("packet", ["2", "2prob", "3probe", "5", "40", "", "2probe2"])
async def test_a_wrong_probe_leaves_the_session_alone(raw: Raw, packet: str) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say(packet)
        assert await wire.is_closed()
    assert await raw.post(sid, "40") == (200, "ok")
    assert (await raw.poll(sid))[1].startswith("40{")


async def test_a_probe_that_is_not_completed_leaves_the_session_alone(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        await wire.hear()
    # time: another process has read that the socket is closed
    await asyncio.sleep(0.05)
    assert await raw.post(sid, "40") == (200, "ok")
    assert (await raw.poll(sid))[1].startswith("40{")


async def test_the_second_of_two_probes_does_not_disturb_the_first(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as first, raw.probe(sid) as second:
        await first.say("2probe")
        assert await first.hear() == "3probe"
        await second.say("2probe")
        assert await second.is_closed()
        await first.say("5", "40")
        assert str(await first.hear()).startswith("40{")


async def test_a_session_that_ends_meanwhile_is_not_revived(raw: Raw) -> None:
    sid = await raw.polling_sid()
    async with raw.probe(sid) as wire:
        await wire.say("2probe")
        await wire.hear()
        assert (await raw.post(sid, "1"))[0] == 200
        await wire.say("5")
        assert await wire.is_closed()
