"""Servers stall: they keep connections open without responding.

Decisions made in the meantime take effect when they continue, nothing acknowledged is lost, and
every run ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from deploy.local.child import Child
from tests.system.client import Client, until_ms
from tests.system.conftest import Clients
from tests.system.hosting import Host, stored_answers
from tests.system.quizzes import quiz, single
from tests.system.system import System

GOES_ON_S = 5.0


@pytest.fixture
async def kafka(system: System) -> AsyncIterator[Child]:
    """The broker; resumed at the end of the test."""
    broker = system.servers.children["kafka"]
    yield broker
    broker.thaw()


async def sees_early(player: Client, index: int) -> dict[str, Any]:
    """Wait for the question as read from the stores by a gateway; returns when it is open."""
    (snapshot,) = await player.hears(
        "snapshot",
        where=lambda it: it["phase"] == "question" and it["question"]["question"] == index,
    )
    question: dict[str, Any] = snapshot["question"]
    await until_ms(question["opens_at"])
    return question


async def sees_moved(player: Client, early: dict[str, Any]) -> dict[str, Any]:
    """The question with later times, as an event or in a snapshot after an interrupted event
    stream.
    """
    async with asyncio.timeout(GOES_ON_S):
        while True:
            seen = len(player.heard)
            events = [heard.args[0] for heard in player.all("question")]
            stored = [heard.args[0].get("question") for heard in player.all("snapshot")]
            for question in events + [one for one in stored if one is not None]:
                same = question["question"] == early["question"]
                if same and question["opens_at"] > early["opens_at"]:
                    return dict(question)
            await player.news(seen)


async def test_a_run_ended_while_kafka_hangs_has_every_answer_scored(
    system: System, host: Host, clients: Clients, kafka: Child
) -> None:
    run = await host.open_run(quiz(single(), single("Second")), auto_advance=False)
    first = await (await clients.python(0).connect()).join(run.pin, "Ada")
    second = await (await clients.python(1).connect()).join(run.pin, "Grace")
    await run.command("start")
    for player in (first, second):
        await player.sees_question(0)
        assert (await player.answer(0, 0))["ok"]
    for player in (first, second):
        await player.sees_reveal(0)
    await run.command("lock")  # returns when the reveal is complete
    kafka.freeze()
    # The gateways read the second question from the stores: it is shown before it is published.
    going_on = asyncio.create_task(run.command("next"))
    await sees_early(first, 1)
    acknowledged = await first.answer(1, 0)
    assert acknowledged["ok"]
    with pytest.raises(
        (httpx.HTTPError, AssertionError)
    ):  # `unavailable`, because it waits for Kafka
        await run.command("end")
    kafka.thaw()
    began = time.monotonic()
    own = await first.learns_final_score(GOES_ON_S)
    others = await second.learns_final_score(GOES_ON_S)
    assert time.monotonic() - began < GOES_ON_S
    await asyncio.gather(going_on, return_exceptions=True)
    stored = await stored_answers(system.servers.database_url, run.id)
    assert stored[(1, first.player_id)] == (0, acknowledged["elapsed_ms"])
    results = {one["player_id"]: one for one in (await run.results())["players"]}
    assert results[first.player_id]["score"] == own
    assert own > results[second.player_id]["score"] == others
    assert (await run.view())["phase"] == "finished"


async def test_a_question_shown_early_while_kafka_hangs_is_rescheduled_with_its_full_time(
    host: Host, clients: Clients, kafka: Child
) -> None:
    run = await host.open_run(quiz(single(), single("Second")), reveal_s=3)
    player = await (await clients.python(0).connect()).join(run.pin, "Ada")
    late = await (await clients.python(1).connect()).join(run.pin, "Grace")
    await run.command("start")
    for one in (player, late):
        await one.sees_question(0)
        assert (await one.answer(0, 0))["ok"]
    await player.sees_reveal(0)
    await run.command("lock")
    kafka.freeze()
    early = await sees_early(player, 1)
    answered = await player.answer(1, 0)
    assert answered["ok"]
    # time: how long the broker hangs
    await asyncio.sleep(3)
    kafka.thaw()
    moved = await sees_moved(late, early)
    limit_ms = early["closes_at"] - early["opens_at"]
    assert moved["closes_at"] - moved["opens_at"] == limit_ms
    assert await player.answer(1, 0) == answered
    await until_ms(moved["opens_at"])
    assert (await late.answer(1, 0))["ok"]
    _, own = await player.hears("finished", timeout_s=30)
    assert own["rank"] in (1, 2)
