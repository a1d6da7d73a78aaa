"""Sockets that send too much, read too little or do nothing harm nobody else."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.attacks.attacker import CLOSE, RefusedError, attacking
from tests.attacks.conftest import BACKLOG_BYTES, JOIN_TIMEOUT_S, SOCKETS_PER_ADDRESS
from tests.attacks.watching import Seen
from tests.attacks.witness import Witness, assert_unharmed
from tests.gateway.transport.raw import frame
from tests.system.system import Logs

ATTACKERS = 4
TIMES = 5
PAUSE_S = 0.2
POLICY = (1008).to_bytes(2)
PROTOCOL_ERROR = (1002).to_bytes(2)

FLOODS: dict[str, bytes] = {
    "noops": frame("6") * 1_800_000,  # 12.6 MB
    "pings": frame(b"x" * 100, kind=9) * 20_000,
    "acknowledgements of nothing": frame("43/play,7[]") * 100_000,
    "unknown namespaces": frame("40/nowhere,") * 20_000,
    "coming and going": (frame("41/play,") + frame("40/play,")) * 5_000,
    "events that do not exist": frame('42/play,7["nonsense",{}]') * 50_000,
    "large events": frame('42/play,7["nonsense","' + "x" * 15_000 + '"]') * 1_000,
}


async def _flood(url: str, content: bytes) -> bytes:
    async with attacking(url) as attacker:
        await attacker.connect()
        await attacker.send(content)
        return await attacker.rest()


async def _keep_flooding(url: str, content: bytes) -> list[bytes]:
    """Come back after each flood."""
    heard = []
    for _ in range(TIMES):
        heard.append(await _flood(url, content))
        # time: as an attacker whom a limit on new connections slows down
        await asyncio.sleep(PAUSE_S)
    return heard


@pytest.mark.parametrize("name", list(FLOODS))
async def test_a_flood_ends_the_connection_that_sent_it(
    url: str, witness: Witness, calm: Seen, logs: Logs, name: str
) -> None:
    async with witness.watching() as seen:
        floods = (_keep_flooding(url, FLOODS[name]) for _ in range(ATTACKERS))
        heard = await asyncio.gather(*floods)
    if name == "events that do not exist":
        # Not for ever: the connection ends after 300.
        assert 0 < heard[0][0].count(b'"ok":false') <= 300
    assert_unharmed(calm, seen)
    assert logs.faults() == []


async def test_an_address_has_so_many_sockets_and_must_join_with_them(
    url: str, http: httpx.AsyncClient, witness: Witness, calm: Seen
) -> None:
    async with witness.watching() as seen, AsyncExitStack() as opened:
        idle = [
            await opened.enter_async_context(attacking(url, "203.0.113.7"))
            for _ in range(SOCKETS_PER_ADDRESS)
        ]
        with pytest.raises(RefusedError, match="429"):
            await opened.enter_async_context(attacking(url, "203.0.113.7"))
        polling = await http.get(
            f"{url}/socket.io/?EIO=4&transport=polling",
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
        assert polling.status_code == 429
        await opened.enter_async_context(attacking(url, "203.0.113.8"))

        async with asyncio.timeout(3 * JOIN_TIMEOUT_S):
            heard = await asyncio.gather(*(one.rest() for one in idle))
        assert all(CLOSE in rest and POLICY in rest for rest in heard)
        await opened.enter_async_context(attacking(url, "203.0.113.7"))  # there is room again
    assert_unharmed(calm, seen)


async def test_addresses_of_one_ipv6_network_count_as_one(url: str) -> None:
    async with AsyncExitStack() as opened:
        for number in range(SOCKETS_PER_ADDRESS):
            await opened.enter_async_context(attacking(url, f"2001:db8::{number:x}"))
        with pytest.raises(RefusedError, match="429"):
            await opened.enter_async_context(attacking(url, "2001:db8::ffff"))
        await opened.enter_async_context(attacking(url, "2001:db8:0:1::1"))


LONG_NAME = "40/" + "x" * 15_000
"""The refusal of this namespace is as long."""


async def test_what_slow_readers_leave_unread_is_bounded(
    url: str, http: httpx.AsyncClient, witness: Witness, calm: Seen
) -> None:
    before = await _metric(http, 'sessions_ended_total{reason="slow_consumer"}')

    async def ask_and_never_poll() -> None:
        session = await _polling(http, url)
        for _ in range(12):
            await http.post(session, content=LONG_NAME)

    async with witness.watching() as seen:
        await asyncio.gather(*(ask_and_never_poll() for _ in range(30)))  # 5.4 MB
        backlog = await _metric(http, "backlog_bytes")
        cut_off = await _metric(http, 'sessions_ended_total{reason="slow_consumer"}') - before
    assert 0 < cut_off < 30
    assert backlog <= BACKLOG_BYTES
    assert_unharmed(calm, seen)


async def test_deep_nesting_ends_the_connection_and_fills_no_log(
    url: str, http: httpx.AsyncClient, witness: Witness, calm: Seen, logs: Logs
) -> None:
    deep = "[" * 900 + '{"_placeholder":true,"num":0}' + "]" * 900
    event = f'451-/play,["answer",{deep}]'
    async with witness.watching() as seen:
        for _ in range(ATTACKERS):
            heard = await _flood(url, frame(event) + frame(b"bytes", kind=2))
            assert PROTOCOL_ERROR + b"nested too deeply" in heard
            poll = await _polling(http, url)
            assert (await http.post(poll, content="40/play,")).status_code == 200
            assert (await http.get(poll)).text.startswith("40/play,")
            posted = await http.post(poll, content=f"{event}\x1ebAAAA")
            assert posted.status_code == 400
    assert_unharmed(calm, seen)
    assert sum(map(len, logs.lines())) < 1_000 * 3 * ATTACKERS
    assert logs.faults() == []


async def _polling(http: httpx.AsyncClient, url: str) -> str:
    """Open a session, and return the URL at which it polls."""
    opened = await http.get(f"{url}/socket.io/?EIO=4&transport=polling")
    sid = opened.text.partition('"sid":"')[2].partition('"')[0]
    return f"{url}/socket.io/?EIO=4&transport=polling&sid={sid}"


async def _metric(http: httpx.AsyncClient, name: str) -> float:
    """A metric of the transport."""
    response = await http.get(str(http.base_url).removesuffix("/api/v1/") + "/metrics")
    (line,) = (
        line for line in response.text.splitlines() if line.startswith(f"quizrun_transport_{name}")
    )
    return float(line.rsplit(" ", 1)[1])
