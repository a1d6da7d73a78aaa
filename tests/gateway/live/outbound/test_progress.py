from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from db.batching import BatchWriter
from db.presence import FRESH_S, Presence
from db.redis import make_redis
from deploy.local.stack import Servers, embedded_servers
from gateway.live.outbound.progress import GIVE_WAY_S, MANY_QUEUED, REMIND_EVERY_S, UPDATE_EVERY_S
from gateway.live.room.early_closing import ABSENCE_S
from gateway.live.room.room import RETURN_S
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, CountedPresence, Gateway, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show


async def ann_has_answered(
    connect: Connect, show: Show, bobs: Gateway | None = None
) -> tuple[Client, Client]:
    """The first question is open, and Bob has still to answer it."""
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect(bobs)).join(show.pin, "Bob")
    await show.open_question()
    await asyncio.gather(ann.hears("question"), bob.hears("question"))
    await ann.answer(0, 0)
    return ann, bob


async def test_progress_is_told_at_most_four_times_a_second_and_ends_complete(
    connect: Connect, show: Show
) -> None:
    players = [await (await connect()).join(show.pin, f"Player {n}") for n in range(20)]
    await show.open_question()
    await asyncio.gather(*(player.hears("question") for player in players))
    for player in players:
        await player.answer(0, 0)
        await asyncio.sleep(0.05)  # time: the answers come evenly, within a second
    await players[0].hears("progress", where=lambda it: it["answered"] == 20)
    heard = players[0].all("progress")
    assert 2 <= len(heard) <= 8
    amounts = [message.args[0]["answered"] for message in heard]
    assert amounts == sorted(amounts)
    assert all(message.args[0]["players"] == 20 for message in heard)


@pytest.mark.parametrize("for_ever", [True, False])
async def test_counts_give_way_to_answers_that_wait_but_not_for_ever(
    connect: Connect, show: Show, monkeypatch: pytest.MonkeyPatch, for_ever: bool
) -> None:
    queued = 10 * MANY_QUEUED
    monkeypatch.setattr(BatchWriter, "queued", property(lambda _: queued))
    _, bob = await ann_has_answered(connect, show)
    await asyncio.sleep(GIVE_WAY_S / 2)  # time: how long counts give way
    assert not bob.all("progress")
    queued = queued if for_ever else 0
    soon_s = UPDATE_EVERY_S + (GIVE_WAY_S if for_ever else 0.1)
    (progress,) = await bob.hears("progress", timeout_s=soon_s)
    assert progress["answered"] == 1


async def test_the_workflow_hears_once_that_all_have_answered_on_all_gateways(
    gateway: Gateway, connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    _, bob = await ann_has_answered(connect, show, bobs=other_gateway)
    await asyncio.gather(gateway.rounds(3), other_gateway.rounds(3))
    told = (show.run_id, 0)
    assert told not in gateway.signals.answered + other_gateway.signals.answered
    await bob.answer(0, 0)
    await until(lambda: told in gateway.signals.answered + other_gateway.signals.answered, 2)
    await asyncio.gather(gateway.rounds(2), other_gateway.rounds(2))
    assert gateway.signals.answered.count(told) <= 1
    assert other_gateway.signals.answered.count(told) <= 1


async def test_who_has_gone_is_not_waited_for(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    _, bob = await ann_has_answered(connect, show)
    await bob.close()
    await until(lambda: (show.run_id, 0) in gateway.signals.answered, FRESH_S + 4)


async def test_a_gateway_that_comes_to_an_open_question_waits_for_who_is_on_the_way(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann, bob = await ann_has_answered(connect, show)
    await asyncio.gather(ann.close(), bob.close())
    # time: until the first gateway waits for nobody any more
    await asyncio.sleep(max(ABSENCE_S, FRESH_S))

    told = (show.run_id, 0)
    await (await connect(other_gateway, token=ann.token)).hears("snapshot")
    await asyncio.sleep(RETURN_S / 2)  # time: how long a room waits for those on their way
    assert told not in other_gateway.signals.answered
    back = await connect(other_gateway, token=bob.token)
    assert (await back.answer(0, 1))["ok"]
    await until(lambda: told in other_gateway.signals.answered, 2)


async def test_the_workflow_is_told_again_for_as_long_as_the_question_stays_open(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    """It may not have been able to close it: the signal came before the opening, or in a pause."""
    _, bob = await ann_has_answered(connect, show)
    await bob.answer(0, 1)
    told = (show.run_id, 0)
    await until(lambda: gateway.signals.answered.count(told) >= 2, REMIND_EVERY_S + 2)
    await show.pause()
    await bob.hears("paused")
    so_far = gateway.signals.answered.count(told)
    await asyncio.sleep(REMIND_EVERY_S + UPDATE_EVERY_S)  # time: how often it reminds
    assert gateway.signals.answered.count(told) <= so_far + 1  # one may have been under way
    await show.resume()
    anew = (show.run_id, show.state.version)
    await until(lambda: anew in gateway.signals.versions, 1)
    await show.close_question()
    await until(lambda: not answering(gateway, show))
    so_far = gateway.signals.answered.count(told)
    await asyncio.sleep(REMIND_EVERY_S + UPDATE_EVERY_S)  # time: how often it reminds
    assert gateway.signals.answered.count(told) <= so_far + 1


async def test_a_lost_report_that_all_have_answered_is_sent_again(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    _, bob = await ann_has_answered(connect, show)
    gateway.signals.failures = 1
    await bob.answer(0, 1)
    await until(lambda: (show.run_id, 0) in gateway.signals.answered, REMIND_EVERY_S + 2)


@pytest.mark.parametrize("fault", ["flushed", "restarted", "frozen"])
async def test_no_question_closes_early_because_redis_comes_back_to_one_gateway_first(
    servers: Servers, stores: Stores, fault: str
) -> None:
    async with (
        embedded_servers(only={"valkey"}) as own,
        presence_of(own) as first,
        presence_of(own) as second,
        running_gateway(stores, servers.kafka_bootstrap, presence=first) as a,
        running_gateway(stores, servers.kafka_bootstrap, presence=second) as b,
    ):
        show = await open_show(stores)
        ann, bob = await Client(a.url).connect(), await Client(b.url).connect()
        await ann.join(show.pin, "Ann")
        await bob.join(show.pin, "Bob")
        await show.open_question(limit_ms=120_000)
        await asyncio.gather(ann.hears("question"), bob.hears("question"))
        await ann.answer(0, 0)
        await asyncio.sleep(FRESH_S + 2)  # time: how long a gateway counts as alive
        assert not a.signals.answered
        second._resumes_at = time.monotonic() + FRESH_S - 1
        await breaks(own, fault)
        await asyncio.sleep(FRESH_S + 2)  # time: how long a gateway counts as alive
        assert not a.signals.answered
        assert (await bob.answer(0, 1))["ok"]
        told = (show.run_id, 0)
        await until(lambda: told in a.signals.answered + b.signals.answered, FRESH_S + 4)
        await ann.close()
        await bob.close()


@asynccontextmanager
async def presence_of(servers: Servers) -> AsyncIterator[CountedPresence]:
    redis = make_redis(servers.redis_url)
    yield CountedPresence(redis)
    await redis.aclose()


async def breaks(servers: Servers, fault: str) -> None:
    """Redis forgets everything, or is away for longer than a gateway counts as alive."""
    child = servers.children["valkey"]
    if fault == "flushed":
        redis = make_redis(servers.redis_url)
        await redis.flushall()
        await redis.aclose()
    elif fault == "restarted":
        await servers.kill("valkey")
        await asyncio.sleep(FRESH_S + 1)  # time: how long a gateway counts as alive
        await servers.restart("valkey")
    else:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)
        await asyncio.sleep(FRESH_S + 1)  # time: how long a gateway counts as alive
        os.kill(child.pid, signal.SIGCONT)


def answering(gateway: Gateway, show: Show) -> bool:
    room = gateway.live.rooms.get(show.run_id)
    return room is not None and room.answering


async def test_a_slide_is_never_closed_early(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    show.state = show.state.model_copy(update={"question": 6})
    await show.open_question()
    await ann.hears("question")
    await gateway.rounds(3)
    assert (show.run_id, 7) not in gateway.signals.answered


async def test_without_redis_nothing_is_closed_early_and_answers_count(
    servers: Servers, stores: Stores, connect: Connect
) -> None:
    show = await open_show(stores)
    nowhere = make_redis("redis://127.0.0.1:9/0")
    async with running_gateway(
        stores, servers.kafka_bootstrap, presence=CountedPresence(nowhere)
    ) as gateway:
        ann = await (await connect(gateway)).join(show.pin, "Ann")
        await show.open_question()
        await ann.hears("question")
        assert (await ann.answer(0, 0))["ok"]
        await ann.hears("progress", where=lambda it: it["answered"] == 1)
        await gateway.rounds(2)
        assert gateway.signals.answered == []
        await ann.close()
    await nowhere.aclose()


async def test_the_stores_know_who_is_connected_to_which_gateway(
    stores: Stores, connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect(other_gateway)).join(show.pin, "Bob")
    presence, ids = Presence(stores.redis), [ann.player_id, bob.player_id]

    async def reach(expected: set[str]) -> None:
        async with asyncio.timeout(8):
            while await presence.connected(show.run_id, ids) != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    await reach({ann.player_id, bob.player_id})
    await bob.close()
    await reach({ann.player_id})
    await connect(other_gateway, token=bob.token)
    await reach({ann.player_id, bob.player_id})
