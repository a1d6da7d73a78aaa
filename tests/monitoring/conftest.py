"""A gateway, a worker, a played run, and Prometheus with Alertmanager."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from deploy.local import monitoring
from deploy.local.child import Child, start_all
from tests.monitoring.quick import hurry
from tests.monitoring.receiver import Receiver, receiving
from tests.programs import debian_program
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.quizzes import quiz, single
from tests.system.system import System, running_system
from tests.waiting import until_async

PLAYERS = 5
QUESTIONS = 2
SEEN_S = 60.0
"""Prometheus scrapes within this time, even on a busy machine."""


def port_of(child: Child) -> int:
    return child.spec.ports[0].number


async def scrape(child: Child) -> str:
    """The current response to a scrape."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        answer = await client.get(f"http://127.0.0.1:{port_of(child)}/metrics")
    assert answer.status_code == 200
    return answer.text


@dataclass(frozen=True)
class Played:
    """A stack with a played run, and the data that must not be in its metrics."""

    system: System
    secrets: frozenset[str]
    texts: dict[str, str]
    """Each process's metrics after the run."""


@dataclass(frozen=True)
class Watched:
    """The stack with its monitoring."""

    system: System
    receiver: Receiver
    prometheus: str
    """Prometheus's URL."""

    async def ask(self, path: str, **parameters: str) -> object:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.get(f"{self.prometheus}/api/v1/{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def until_up(self, count: int) -> None:
        """Wait until Prometheus has scraped that many gateways and workers."""
        async with asyncio.timeout(SEEN_S):
            while True:
                found: Any = await self.ask("query", query='sum(up{job=~"quizrun-.*"})')
                if found["result"] and float(found["result"][0]["value"][1]) == count:
                    return
                await asyncio.sleep(0.2)


@pytest.fixture(scope="session")
def promtool() -> str:
    return debian_program("promtool")


@pytest.fixture(scope="session")
def amtool() -> str:
    return debian_program("amtool")


async def play_run(system: System) -> frozenset[str]:
    """Play a run to its end; return its ids, names and tokens."""
    base_url = f"{system.urls[0]}/api/v1"
    async with (
        httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S) as http,
        aiohttp.ClientSession() as session,
    ):
        host = await Host.register(http)
        run = await host.open_run(quiz(single(time_limit_s=5), single("Capital of Peru?")))
        plans = dict.fromkeys(range(QUESTIONS), Plan(0.1, 0))
        bots = [Bot(session, system.urls, f"Zebedee {n}", plans) for n in range(PLAYERS)]
        await enter_all(bots, run)
        await run.command("start")
        await play_all(bots, timeout_s=60)
        return frozenset({run.id, run.pin, "Zebedee", host.token, *(bot.player_id for bot in bots)})


@pytest.fixture(scope="package")
async def played() -> AsyncIterator[Played]:
    async with running_system(gateways=1, workers=1) as system:
        secrets = await play_run(system)
        await _until_completed(system)
        texts = {child.spec.name: await scrape(child) for child in system.processes}
        yield Played(system, secrets, texts)


async def _until_completed(system: System) -> None:
    """Wait until a worker has counted the run's end, which players are told of before."""

    async def completed() -> bool:
        texts = [await scrape(worker) for worker in system.workers]
        return any("\ntemporal_workflow_completed" in text for text in texts)

    await until_async(completed, SEEN_S)


@asynccontextmanager
async def watching(system: System, directory: Path) -> AsyncIterator[Watched]:
    """Prometheus and Alertmanager beside a stack, with their data in `directory`."""
    ports = monitoring.choose_ports({})
    targets = monitoring.Targets(
        gateways=[port_of(child) for child in system.gateways],
        workers=[port_of(child) for child in system.workers],
    )
    async with receiving() as receiver:
        specs = monitoring.monitoring_specs(directory, ports, targets, receiver.url)
        hurry(directory)
        children = [Child(spec, directory) for spec in specs]
        try:
            await start_all(children)
            yield Watched(system, receiver, f"http://127.0.0.1:{ports['prometheus']}")
        finally:
            for child in children:
                await child.stop()


@pytest.fixture(scope="package")
async def watched(
    played: Played, promtool: str, amtool: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    del promtool, amtool  # the servers are in the same packages
    async with watching(played.system, tmp_path_factory.mktemp("monitoring")) as running:
        yield running


@pytest.fixture(scope="package")
async def watched_run(watched: Watched) -> Watched:
    """The stack with its monitoring after a whole run.

    An earlier run was over before Prometheus started, so it has no rates.
    """
    await watched.until_up(len(watched.system.processes))
    await play_run(watched.system)
    return watched
