"""A worker is killed during a local step: another decides the step again, and nothing else first.

What the lost workflow task has published stays published, so no command that arrives in the
meantime may take the step's version.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from quiz.run import Phase
from tests.workflows.stage import Handle, Stage, command, open_run, until, until_in_history
from workflows import contract
from workflows.contract import AllAnsweredInput, PlayersJoinedInput

LIMIT_MS = 2_000


@asynccontextmanager
async def killed_during(activity: str, client: Client) -> AsyncIterator[asyncio.Event]:
    """Run a worker for workflows that is killed during its first local step `activity`.

    The event is set when it is dead.
    """
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.workflows.doomed_worker", client.service_client.config.target_host),
        stdout=asyncio.subprocess.PIPE,
    )
    dead = asyncio.Event()

    async def kill() -> None:
        assert worker.stdout is not None
        while (await worker.stdout.readline()).decode().strip() != activity:
            pass
        worker.kill()
        await worker.wait()
        dead.set()

    killing = asyncio.create_task(kill())
    try:
        yield dead
    finally:
        killing.cancel()
        if worker.returncode is None:
            worker.kill()
            await worker.wait()


async def started(client: Client, stage: Stage) -> Handle:
    handle = await open_run(
        client, stage, 1, countdown_s=1, reveal_s=60, task_timeout=timedelta(seconds=1)
    )
    await command(handle, "start")
    return handle


async def killed_while_closing(client: Client, stage: Stage, *, early: bool) -> Handle:
    """A run whose worker was killed while it closed the question: all had answered, if `early`."""
    async with stage.workflows(client):
        handle = await started(client, stage)
        await until(stage, "question.opened")
    async with killed_during(contract.CLOSE_QUESTION, client) as dead:
        if early:
            answered = AllAnsweredInput(question=0)
            await handle.signal(contract.SIGNAL_ALL_ANSWERED, answered)
        await dead.wait()
    return handle


async def test_a_question_is_open_before_a_pause_that_arrives_after_its_worker_was_killed(
    client: Client, order: str
) -> None:
    stage = Stage()
    async with stage.steps(client):
        async with killed_during(contract.PUBLISH_DECISIONS, client) as dead:
            handle = await started(client, stage)
            await dead.wait()
        await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=7))
        pausing = asyncio.create_task(command(handle, "pause"))
        await until_in_history(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
        async with stage.workflows(client):
            paused = await pausing
            assert (paused.phase, paused.question, paused.paused) == (Phase.QUESTION, 0, True)
            await command(handle, "end")
            await handle.result()
    expected = ["run.starting", "question.opened", "run.paused", "run.finished"]
    assert stage.events == list(enumerate(expected, 1)), order


@pytest.mark.parametrize("early", [False, True])
async def test_a_question_is_closed_before_a_pause_that_arrives_after_its_worker_was_killed(
    client: Client, order: str, early: bool
) -> None:
    stage = Stage(limit_ms=LIMIT_MS * (10 if early else 1))
    async with stage.steps(client):
        handle = await killed_while_closing(client, stage, early=early)
        pausing = asyncio.create_task(command(handle, "pause"))
        await until_in_history(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
        async with stage.workflows(client):
            paused = await pausing
            assert (paused.phase, paused.paused) == (Phase.REVEAL, True)
            await command(handle, "end")
            await handle.result()
    expected = ["run.starting", "question.opened", "question.closing", "question.closed"]
    expected += ["run.paused", "run.finished"]
    assert stage.events == list(enumerate(expected, 1)), order


@pytest.mark.parametrize("early", [False, True])
async def test_a_host_who_has_seen_the_reveal_goes_on_after_its_worker_was_killed(
    client: Client, order: str, early: bool
) -> None:
    stage = Stage(limit_ms=LIMIT_MS * (10 if early else 1))
    async with stage.steps(client):
        handle = await killed_while_closing(client, stage, early=early)
        going_on = asyncio.create_task(command(handle, "next"))
        await until_in_history(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
        async with stage.workflows(client):
            await going_on
            await handle.result()
    expected = ["run.starting", "question.opened", "question.closing", "question.closed"]
    assert stage.events == list(enumerate([*expected, "run.finished"], 1)), order
