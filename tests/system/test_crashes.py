"""Processes and servers are killed with -9 during a question.

Each time, the run continues automatically, no acknowledged answer is lost or counted twice, and the
standings are exact.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import until_ms
from tests.system.conftest import Clients
from tests.system.hosting import Host, Run
from tests.system.quizzes import LIMIT_S, multiple, quiz, single
from tests.system.system import System

PLAYERS = 30
AFTER_OPENING_MS = 800
RUN_S = 60.0


def make_bots(
    session: aiohttp.ClientSession, urls: list[str], *, within_s: float, all_answer: bool
) -> list[Bot]:
    """Answers to the first question are spread over `within_s`. Unless `all_answer`, one player
    never answers, so that it stays open to its end.
    """
    bots = []
    for index in range(PLAYERS):
        delay_s = 0.1 + within_s * index / PLAYERS
        plans = {
            0: Plan(delay_s, index % 3),
            1: Plan(0.1 + 0.5 * index / PLAYERS, [0, 1, 3][: 1 + index % 3]),
        }
        if index == 0 and not all_answer:
            del plans[0]
        order = urls[:: 1 if index % 2 else -1]
        bots.append(Bot(session, order, f"bot {index}", plans))
    return bots


async def play_through(
    system: System,
    host: Host,
    session: aiohttp.ClientSession,
    crash: Callable[[], Awaitable[None]],
    *,
    all_answer: bool = True,
) -> tuple[Run, list[Bot]]:
    """Play a run with `crash` during the first question, and check its standings."""
    run = await host.open_run(quiz(single(), multiple()))
    within_s = 2.5 if all_answer else 4.0
    bots = make_bots(session, system.urls, within_s=within_s, all_answer=all_answer)
    await enter_all(bots, run)
    await run.command("start")

    async def disturb() -> None:
        (question,) = await bots[0].client.hears("question")
        await until_ms(question["opens_at"] + AFTER_OPENING_MS)
        await crash()

    await asyncio.gather(disturb(), play_all(bots, RUN_S))
    await check_standings(system.servers.database_url, run, bots)
    # Every answer was acknowledged eventually: clients that retry lose nothing.
    assert [bot.nickname for bot in bots if bot.refused] == []
    return run, bots


async def test_a_run_survives_killing_all_workers_during_a_question(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    _, bots = await play_through(system, host, session, lambda: system.crash(*system.workers))
    assert not any(bot.lost for bot in bots)  # players notice nothing


async def test_a_run_survives_the_loss_of_one_of_two_workers(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    runs = await asyncio.gather(
        *(play_through(system, host, session, system.workers[0].kill) for _ in range(2))
    )
    await system.workers[0].start()
    assert not any(bot.lost for _, bots in runs for bot in bots)


async def test_acknowledged_answers_survive_a_killed_gateway(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    _, bots = await play_through(
        system, host, session, lambda: system.crash(system.gateways[0]), all_answer=False
    )
    assert sum(bot.lost for bot in bots) >= PLAYERS / 2


async def test_the_stock_javascript_client_reconnects_to_a_killed_gateway(
    system: System, host: Host, clients: Clients
) -> None:
    run = await host.open_run(quiz(single(time_limit_s=60)))
    player = await (await clients.javascript(0).connect()).join(run.pin, "Grace")
    staying = await (await clients.python(1).connect()).join(run.pin, "Alan")
    await run.command("start")
    shown = await player.sees_question(0)
    answered = await player.answer(0, 0)
    assert answered["ok"]
    await system.gateways[0].kill()
    await player.hears("disconnect")
    starting = asyncio.create_task(system.gateways[0].start())
    (snapshot,) = await player.hears("snapshot", timeout_s=30)
    assert snapshot["question"]["opens_at"] == shown["opens_at"]
    assert snapshot["you"]["answered"]
    assert snapshot["you"]["player_id"] == player.player_id
    assert await player.answer(0, 0) == answered
    await starting
    assert (await staying.answer(0, 1))["ok"]  # kept the question open
    _, own = await player.sees_reveal(0)
    assert own["correct"] is True


async def test_a_run_waits_for_a_killed_kafka_broker_and_continues(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    await play_through(system, host, session, lambda: system.crash_server("kafka"))


async def test_a_run_survives_a_restart_of_postgresql_during_a_question(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    await play_through(system, host, session, lambda: system.crash_server("postgres"))


async def test_a_run_survives_a_restart_of_temporal_during_a_question(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    await play_through(system, host, session, lambda: system.crash_server("temporal"))


async def test_a_whole_question_works_without_redis(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    run = await host.open_run(quiz(single(), multiple()))
    bots = make_bots(session, system.urls, within_s=4.0, all_answer=True)
    await enter_all(bots, run)
    await system.servers.kill("valkey")
    try:
        await run.command("start")
        playing = asyncio.create_task(play_all(bots, RUN_S))
        began = time.monotonic()
        await asyncio.gather(*(bot.client.sees_reveal(0) for bot in bots))
        assert time.monotonic() - began < LIMIT_S + 5
        live = await run.leaderboard()
        assert live[0]["score"] > 0
    finally:
        await system.servers.children["valkey"].start()
    await playing
    await check_standings(system.servers.database_url, run, bots)


@pytest.fixture(autouse=True)
async def everything_runs(system: System) -> None:
    """Restore the system after a failed test, for the tests after it."""
    for child in (*system.servers.children.values(), *system.processes):
        if not child.running:
            await child.start()
