"""A gateway that stops lets its clients go a few at a time, with all that they were owed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from deploy.bots.errors import LostError
from deploy.local.stack import Servers
from gateway.live.outbound import draining
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, running_gateway
from tests.gateway.live.stage import Show, Stores


def held_back(writer: Any) -> asyncio.Event:
    """Let nothing of `writer` be stored before the event is set."""
    release, flush = asyncio.Event(), writer._flush

    async def waiting(batch: list[Any]) -> Any:
        await release.wait()
        return await flush(batch)

    writer._flush = waiting
    writer._begin = lambda *_: None  # each batch is flushed
    return release


async def taken(condition: Callable[[], bool]) -> None:
    await until(condition, 15)


async def test_an_answer_on_its_way_is_acknowledged_before_the_connection_ends(
    servers: Servers, stores: Stores, show: Show
) -> None:
    async with running_gateway(stores, servers.kafka_bootstrap) as gateway:
        ann = await (await Client(gateway.url).connect()).join(show.pin, "Ann")
        bob = await (await Client(gateway.url).connect()).join(show.pin, "Bob")
        await show.open_question()
        await ann.hears("question")
        release = held_back(gateway.live._queues.answers)
        answering = asyncio.create_task(ann.answer(0, 0))
        await taken(lambda: bool(_unacknowledged(gateway.live)))
        moving = asyncio.create_task(gateway.live.move_clients(1))
        # Whoever waits for nothing goes; the other one stays until the answer is stored.
        await taken(lambda: bob.disconnected)
        assert not ann.disconnected
        release.set()
        assert (await answering)["ok"]
        await moving
        await taken(lambda: ann.disconnected)
        for client in (ann, bob):
            (told,) = await client.hears("come_back")
            assert 0 <= told["in_ms"] <= draining.BACK_WITHIN_MS


def _unacknowledged(live: Any) -> list[Any]:
    return [
        client
        for namespace in live._namespaces
        for client in namespace._clients.values()
        if client.unacknowledged
    ]


async def test_clients_go_a_few_at_a_time_and_newcomers_are_refused_meanwhile(
    servers: Servers, stores: Stores, show: Show
) -> None:
    async with running_gateway(stores, servers.kafka_bootstrap, admissions_per_s=5) as gateway:
        clients = [await Client(gateway.url).connect() for _ in range(20)]
        moving = asyncio.create_task(gateway.live.move_clients(30))
        await taken(lambda: any(client.disconnected for client in clients))
        staying = [client for client in clients if not client.disconnected]
        assert len(staying) >= 10
        polling = f"{gateway.url}/socket.io/?EIO=4&transport=polling"
        async with aiohttp.ClientSession() as http, http.get(polling) as response:
            assert response.status == 503
        # Those who are not chosen yet go on as before.
        joined = await staying[-1].ask("join", {"pin": show.pin, "nickname": "Ann"})
        assert joined["ok"] or staying[-1].disconnected
        await moving
        await taken(lambda: all(client.disconnected for client in clients))


async def test_a_client_that_polls_gets_all_that_was_sent_before_the_end(
    servers: Servers, stores: Stores
) -> None:
    async with (
        running_gateway(stores, servers.kafka_bootstrap) as gateway,
        aiohttp.ClientSession(f"{gateway.url}") as http,
    ):
        poll = "/socket.io/?EIO=4&transport=polling"

        async def get(sid: str = "") -> tuple[int, str]:
            async with http.get(f"{poll}&sid={sid}" if sid else poll) as response:
                return response.status, await response.text()

        _, opened = await get()
        sid = opened.split('"sid":"')[1].split('"')[0]
        async with http.post(f"{poll}&sid={sid}", data="40/play,") as accepted:
            assert accepted.status == 200
        assert (await get(sid))[1].startswith("40/play,")
        moving = asyncio.create_task(gateway.live.move_clients(1))
        # No poll waits at the moment: the session stays until one can take the last words along.
        await asyncio.wait({moving}, timeout=0.2)
        assert not moving.done()
        assert "come_back" in (await get(sid))[1]
        # Not together: stock clients put aside what comes with the end.
        assert await get(sid) == (200, "1")
        await moving
        assert (await get(sid))[0] == 503


async def test_who_is_owed_an_acknowledgement_for_too_long_is_let_go(
    servers: Servers, stores: Stores, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "QUIET_S", 0.1)
    async with running_gateway(stores, servers.kafka_bootstrap) as gateway:
        ann = await Client(gateway.url).connect()
        release = held_back(gateway.live._queues.joins)
        joining = asyncio.create_task(_quietly(ann.join(show.pin, "Ann")))
        await taken(lambda: bool(_unacknowledged(gateway.live)))
        await gateway.live.move_clients(1)
        await taken(lambda: ann.disconnected)
        release.set()
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)


async def _quietly(asking: Awaitable[Any]) -> None:
    with contextlib.suppress(TimeoutError, LostError):
        await asking


async def test_the_count_of_open_questions_returns_to_nothing(
    connect: Connect, gateway: Any, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await ann.ask("sync", {"t0": 1})
    await ann.ask("nonsense", {})
    await ann.ask("answer", "not an object")
    await taken(lambda: _unacknowledged(gateway.live) == [])
