"""A run with players, and its diagnosis by an operator."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from deploy.operations.wiring import Operations
from gateway.operations.diagnosis import Diagnosis, diagnose
from gateway.operations.report import RunReport
from tests.system.client import PythonClient
from tests.system.hosting import Host, Run
from tests.system.quizzes import quiz, single
from tests.system.system import System

PATIENCE_S = 60.0


async def play(
    system: System,
    host: Host,
    session: aiohttp.ClientSession,
    names: tuple[str, ...] = ("Ada", "Grace"),
    *,
    limit_s: int = 5,
    questions: int = 2,
    **settings: Any,
) -> tuple[Run, list[PythonClient]]:
    """Open a run and its first question."""
    given = [single(time_limit_s=limit_s) for _ in range(questions)]
    run = await host.open_run(quiz(*given), **settings)
    players = [PythonClient(session, system.urls[0]) for _ in names]
    for player, name in zip(players, names, strict=True):
        await (await player.connect()).join(run.pin, name)
    await run.command("start")
    await asyncio.gather(*(player.sees_question(0, PATIENCE_S) for player in players))
    return run, players


async def diagnosed(ops: Operations, run_id: str, cause: str) -> tuple[RunReport, Diagnosis]:
    """Wait until the diagnosis is `cause`; return the report."""
    found = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                report = await ops.inspector.report(run_id)
                found = diagnose(report)
                if found.cause == cause:
                    return report, found
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise AssertionError(f"never {cause}, last {found}") from None


async def close(players: list[PythonClient]) -> None:
    await asyncio.gather(*(player.close() for player in players))
