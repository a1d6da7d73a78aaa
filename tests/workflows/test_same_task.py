"""What happens while no worker serves the workflow reaches it together, in one workflow task."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from quiz.run import Phase
from tests.workflows.stage import Stage, command, open_run, until, until_in_history
from workflows import contract


@pytest.mark.parametrize(
    ("local_steps", "phase"), [(True, Phase.QUESTION), (False, Phase.STARTING)]
)
async def test_a_pause_that_arrives_together_with_the_end_of_the_countdown_is_kept(
    client: Client, order: str, local_steps: bool, phase: Phase
) -> None:
    stage = Stage(local_steps=local_steps)
    async with stage.steps(client):
        async with stage.workflows(client):
            handle = await open_run(client, stage, 1, countdown_s=2)
            await command(handle, "start")
        pausing = asyncio.create_task(command(handle, "pause"))
        await until_in_history(handle, EventType.EVENT_TYPE_TIMER_FIRED)
        async with stage.workflows(client):
            paused = await pausing
            assert (paused.phase, paused.paused) == (phase, True), order
            resumed = await command(handle, "resume")
            assert resumed.deadline_at is not None
            await until(stage, "question.opened")
            await command(handle, "end")
            assert (await handle.result()).phase == "finished"
    assert [version for version, _ in stage.events] == list(range(1, len(stage.events) + 1))


async def test_cancelling_the_workflow_together_with_its_last_step_does_not_lose_its_end(
    client: Client, order: str
) -> None:
    stage = Stage()
    async with stage.workflows(client):
        handle = await open_run(client, stage, 1)
        async with stage.steps(client):
            await command(handle, "lock")
        ending = asyncio.create_task(command(handle, "end"))
        await until_in_history(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, 2)
    async with stage.steps(client):
        await until_in_history(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, 2)
        await handle.cancel()
        async with stage.workflows(client):
            assert (await handle.result()).phase == "cancelled"
            await asyncio.gather(ending, return_exceptions=True)  # it may be cancelled, too
    assert stage.tries[contract.FINISH_RUN] >= 1
    assert stage.events[-1][1] == "run.cancelled", order
