"""``quizrun up`` is killed as a whole during a question and restarted."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import pytest

from deploy.local import processes
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.state import StackState, read_state
from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import until_ms
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.quizzes import multiple, quiz, single
from tests.system.system import ROOT

PLAYERS = 20
AFTER_OPENING_MS = 1_500
START_S = 60.0
RUN_S = 90.0


class Stack:
    """The command with its own data directory and ports."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.http_port = free_port()
        self.ui_port = free_port(avoid=frozenset((self.http_port, self.http_port + 1)))
        self._process: asyncio.subprocess.Process | None = None

    @property
    def urls(self) -> list[str]:
        return [f"http://{LOOPBACK}:{self.http_port + number}" for number in (0, 1)]

    @property
    def state(self) -> StackState:
        return read_state(self.data_dir)

    async def up(self) -> None:
        """Start it and wait until everything responds."""
        inherited = {key: value for key, value in os.environ.items() if "QUIZRUN" not in key}
        own = {
            "QUIZRUN_DATA_DIR": str(self.data_dir),
            "QUIZRUN_HTTP_PORT": str(self.http_port),
            "QUIZRUN_TEMPORAL_UI_PORT": str(self.ui_port),
        }
        options = ("--gateways", "2", "--workers", "1", "--no-sample")
        with (self.data_dir / "up.out").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deploy.local.cli", "up", *options),
                cwd=ROOT,
                env={**inherited, **own},
                stdout=out,
                stderr=out,
            )
        async with asyncio.timeout(START_S):
            while not (self.state.ready and self.state.supervisor_pid == self._process.pid):
                assert self._process.returncode is None, (self.data_dir / "up.out").read_text()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL to the supervisor and to every process that it recorded."""
        state = self.state
        assert self._process is not None
        self._process.kill()
        for one in state.processes:
            if processes.is_running(one.pid, one.birth_mark):
                os.kill(one.pid, signal.SIGKILL)
        await self._process.wait()


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    data_dir = Path(tempfile.mkdtemp(prefix="quizrun-test-"))
    stack = Stack(data_dir)
    yield stack
    await stack.kill()  # faster than stopping it, which other tests cover
    shutil.rmtree(data_dir, ignore_errors=True)


async def test_a_run_continues_after_everything_was_killed_during_a_question(
    stack: Stack, session: aiohttp.ClientSession
) -> None:
    await stack.up()
    async with httpx.AsyncClient(base_url=f"{stack.urls[0]}/api/v1", timeout=TIMEOUT_S) as http:
        host = await Host.register(http)
        run = await host.open_run(quiz(single(time_limit_s=12), multiple()))
        # Half of the players answer before the kill, the others would afterwards.
        bots = [
            Bot(
                session,
                stack.urls[:: 1 if index % 2 else -1],
                f"bot {index}",
                {
                    0: Plan(index / 20 if index % 2 else 9, index % 3),
                    1: Plan(0.1 * index, [0, 1]),
                },
            )
            for index in range(PLAYERS)
        ]
        await enter_all(bots, run)
        await run.command("start")
        playing = asyncio.create_task(play_all(bots, RUN_S))
        (question,) = await bots[0].client.hears("question")
        await until_ms(question["opens_at"] + AFTER_OPENING_MS)
        assert len([bot for bot in bots if bot.acknowledged]) == PLAYERS / 2

        await stack.kill()
        await stack.up()
        await playing
        await check_standings(stack.state.env["QUIZRUN_DATABASE_URL"], run, bots)
        assert all(bot.lost for bot in bots)
        for bot in bots:
            # A question that closed in the meantime can no longer be answered.
            assert set(bot.refused.values()) <= {"question_closed", "run_finished"}
            assert len(bot.acknowledged) + len(bot.refused) == 2
