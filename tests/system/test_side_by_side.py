"""Several gateways and workers are indistinguishable to players."""

from __future__ import annotations

import asyncio

import aiohttp
from temporalio.client import Client as Temporal

from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.conftest import Clients
from tests.system.hosting import Host, Run
from tests.system.quizzes import number, order, quiz, single, text
from tests.system.system import System

RUNS = 8
PLAYERS = 6


async def test_both_gateways_show_the_same_simultaneously(
    host: Host, clients: Clients, system: System
) -> None:
    run = await host.open_run(quiz(single(explanation="Since 987."), order()), countdown_s=1)
    names = [f"player {index}" for index in range(6)]
    players = [
        await (await clients.python(index % 2).connect()).join(run.pin, name)
        for index, name in enumerate(names)
    ]
    watching = [
        await clients.python(gateway, "/host").connect(token=host.token, run_id=run.id)
        for gateway in (0, 1)
    ]
    # Each player hears of everyone who joins later, once, on whichever gateway. Two gateways
    # announce them, so the order is not guaranteed.
    for index, player in enumerate(players[:-1]):
        later = names[index + 1 :]
        heard = await player.hears_joined(set(later))
        assert set(heard) <= set(names)
        assert len(set(heard)) == len(heard)
        assert player.all("lobby")[-1].args[0]["players"] == len(names)

    await run.command("start")
    everyone = [*players, *watching]
    for index in (0, 1):
        for client in everyone:
            await client.sees_question(index)
        for player in players:
            assert (await player.answer(index, 0 if index == 0 else [0, 1, 2, 3]))["ok"]
        for client in everyone:
            await client.sees_reveal(index)
    for client in everyone:
        await client.hears("finished")
    for event in ("starting", "question", "reveal", "finished"):
        received = [[heard.args[0] for heard in client.all(event)] for client in everyone]
        assert all(one == received[0] for one in received), event
    for client in everyone:
        for message in client.all("question"):
            assert message.at < message.args[0]["opens_at"]  # in time to be shown at that instant


async def test_concurrent_runs_are_shared_by_two_workers_and_end_correctly(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    async def play() -> Run:
        run = await host.open_run(quiz(text(), number()))
        answers = ("Sampa", "São Paulo", "Rio"), (1815, 1820, 3)
        bots = [
            Bot(
                session,
                system.urls[:: 1 if index % 2 else -1],
                f"bot {index}",
                {
                    question: Plan(0.2 + 0.2 * index, answers[question][index % 3])
                    for question in (0, 1)
                },
            )
            for index in range(PLAYERS)
        ]
        await enter_all(bots, run)
        await run.command("start")
        await play_all(bots, timeout_s=30)
        await check_standings(system.servers.database_url, run, bots)
        return run

    runs = await asyncio.gather(*(play() for _ in range(RUNS)))
    temporal = await Temporal.connect(system.servers.temporal_address)
    served = {
        event.workflow_task_completed_event_attributes.identity
        for run in runs
        for event in (
            await temporal.get_workflow_handle(f"quiz-run-{run.id}").fetch_history()
        ).events
        if event.HasField("workflow_task_completed_event_attributes")
    }
    assert served == {"worker-1", "worker-2"}
