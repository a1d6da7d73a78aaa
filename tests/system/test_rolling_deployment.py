"""A deployment under load: gateways and workers of the previous release are replaced one by one.

Runs opened before are played by both releases together, runs opened afterwards by the new one
alone. Nothing acknowledged is lost, and the standings are exact.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import pytest

from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.hosting import TIMEOUT_S, Host, Run
from tests.system.quizzes import multiple, quiz, single
from tests.system.system import ROOT, System, running_system

PREVIOUS_RELEASE = "1a8c988"
"""The previous release's commit."""
QUESTIONS = 8
PLAYERS = 20
RUN_S = 120.0
# The test waits for a stack, and plays twice.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The previous release's files."""
    if _git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("a shallow clone does not have the previous release")
    folder = tmp_path_factory.mktemp("previous")
    archive = folder.with_suffix(".tar")
    _git("archive", "--format=tar", f"--output={archive}", PREVIOUS_RELEASE)
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
async def system(previous: Path) -> AsyncIterator[System]:
    """Two gateways and two workers of the previous release."""
    async with running_system(gateways=2, workers=2, code=previous) as running:
        yield running


@pytest.fixture(scope="module")
async def host(system: System) -> AsyncIterator[Host]:
    async with httpx.AsyncClient(base_url=f"{system.urls[1]}/api/v1", timeout=TIMEOUT_S) as client:
        yield await Host.register(client)


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as running:
        yield running


async def players(session: aiohttp.ClientSession, urls: list[str], run: Run) -> list[Bot]:
    bots = []
    for index in range(PLAYERS):
        delay_s = 0.1 + 3.5 * index / PLAYERS
        plans = {
            question: Plan(delay_s, [0, 1] if question % 2 else index % 3)
            for question in range(QUESTIONS)
            if (index + question)
            % 5  # one in five does not answer, so questions last their full time
        }
        bots.append(Bot(session, urls[:: 1 if index % 2 else -1], f"bot {index}", plans))
    await enter_all(bots, run)
    return bots


async def test_a_deployment_loses_nothing_of_live_runs(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    questions = [multiple() if index % 2 else single() for index in range(QUESTIONS)]

    async def open_run() -> Run:
        return await host.open_run(quiz(*questions), streak_bonus=True)

    before = [await open_run() for _ in range(3)]
    waiting = await open_run()  # stays in its lobby during the deployment
    bots = [await players(session, system.urls, run) for run in before]
    for run in before:
        await run.command("start")
    playing = asyncio.gather(*(play_all(some, RUN_S) for some in bots))
    await system.migrate()
    for child in (*system.workers, *system.gateways):
        await system.upgrade(child)
    assert not playing.done(), "the runs should outlast the deployment"
    after = await open_run()
    bots.append(await players(session, system.urls, after))
    bots.append(await players(session, system.urls, waiting))
    for run in (after, waiting):
        await run.command("start")
    await asyncio.gather(playing, *(play_all(some, RUN_S) for some in bots[-2:]))
    for run, some in zip((*before, after, waiting), bots, strict=True):
        await check_standings(system.servers.database_url, run, some, bonus=True)
        assert {bot.nickname: bot.refused for bot in some if bot.refused} == {}
    for child in system.processes:
        code = os.readlink(f"/proc/{child.pid}/cwd")  # noqa: PTH115 - pathlib's blocks as well
        assert code == str(ROOT), f"{child.spec.name} still runs the previous release"


def test_the_previous_release_is_the_expected_one(previous: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import quiz; print(quiz.__path__[0])"],
        cwd=previous,
        env={"PYTHONPATH": str(previous)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(found.stdout.strip()).parent == previous
