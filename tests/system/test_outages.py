"""Servers hang during a question: connections stay open without responses.

The system behaves as in docs/outages.md, `/readyz` reports it, and the run is exact afterwards.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.child import Child
from tests.system.conftest import Clients
from tests.system.hosting import Host, Run
from tests.system.quizzes import quiz, single
from tests.system.system import System

FROZEN_S = 6.0
LIMIT_S = 12


@asynccontextmanager
async def frozen(child: Child) -> AsyncIterator[None]:
    """Suspend a server and its child processes, of which PostgreSQL has one per connection."""
    assert child.pid is not None
    pids = [child.pid, *_children(child.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def readiness(http: httpx.AsyncClient, system: System) -> tuple[int, dict[str, Any]]:
    answer = await http.get(f"{system.urls[1]}/readyz")
    return answer.status_code, answer.json()


async def becomes(http: httpx.AsyncClient, system: System, status: str) -> None:
    async with asyncio.timeout(20):
        while (await readiness(http, system))[1]["status"] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def question_open(host: Host, clients: Clients) -> tuple[Run, Any, Any]:
    """Two players on two gateways see the first of two questions."""
    run = await host.open_run(quiz(single(time_limit_s=LIMIT_S), single()))
    players = [
        await (await clients.python(gateway).connect()).join(run.pin, name)
        for gateway, name in enumerate(("Ann", "Bob"))
    ]
    await run.command("start")
    await asyncio.gather(*(player.sees_question(0) for player in players))
    ann, bob = players
    return run, ann, bob


async def goes_on(system: System, run: Run, *players: Any) -> None:
    """Both players answered the first question with 0; nobody answers the second one."""
    own = {player: await player.learns_result(0, timeout_s=LIMIT_S + 20) for player in players}
    for player in players:
        assert own[player]["correct"] is True
        await player.sees_question(1, timeout_s=20)
        (_, outcome) = await player.hears("finished", timeout_s=30)
        assert outcome["score"] == own[player]["score"]
    results = await run.results()
    assert sorted(len(player["answers"]) for player in results["players"]) == [1, 1]


@pytest.mark.parametrize("name", ["valkey", "kafka", "temporal"])
async def test_answers_are_accepted_while_an_optional_server_hangs(
    system: System, host: Host, clients: Clients, http: httpx.AsyncClient, name: str
) -> None:
    server = {"valkey": "redis"}.get(name, name)
    run, ann, bob = await question_open(host, clients)
    async with frozen(system.servers.children[name]):
        frozen_until = asyncio.get_running_loop().time() + FROZEN_S
        async with asyncio.timeout(1.5):
            first = await ann.answer(0, 0)
            assert first["ok"], first
        await becomes(http, system, "degraded")
        code, state = await readiness(http, system)
        assert (code, state["servers"][server]["ok"]) == (200, False)
        async with asyncio.timeout(1.5):
            assert (await bob.answer(0, 0))["ok"]
        if name == "temporal":
            token = {"Authorization": f"Bearer {host.token}"}
            refused = await http.post(f"/runs/{run.id}/lock", headers=token, timeout=20)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        # time: how long the server hangs
        await asyncio.sleep(max(0, frozen_until - asyncio.get_running_loop().time()))
    await becomes(http, system, "ready")
    await goes_on(system, run, ann, bob)


async def test_answers_wait_while_postgresql_hangs_and_are_acknowledged_after_commit(
    system: System, host: Host, clients: Clients, http: httpx.AsyncClient
) -> None:
    run, ann, bob = await question_open(host, clients)
    async with frozen(system.servers.children["postgres"]):
        asking = [asyncio.create_task(player.answer(0, 0)) for player in (ann, bob)]
        code, state = await readiness(http, system)  # takes as long as a health check: 2 to 3 s
        assert (code, state["servers"]["postgres"]["ok"]) == (503, False)
        assert not any(task.done() for task in asking)
    for ack in await asyncio.gather(*asking):
        assert ack["ok"], ack
        assert ack["elapsed_ms"] < LIMIT_S * 1000  # measured at arrival, not at commit
    await becomes(http, system, "ready")
    await goes_on(system, run, ann, bob)
