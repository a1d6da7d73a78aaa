"""The pace that a host chooses, on a real Temporal server: settings, standings, breaks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from quiz.run import Phase, RunState
from tests.workflows.stage import Handle, Stage, command, open_run, until
from workflows.contract import CommandInput


async def configure(handle: Handle, key: str = "", **changes: Any) -> RunState:
    key = key or uuid.uuid4().hex
    given = CommandInput(key=key, changes=changes)
    state: RunState = await handle.execute_update("configure", given, id=key, result_type=RunState)
    return state


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
async def test_a_run_follows_the_settings_chosen_in_the_lobby(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 2, countdown_s=0)
    await configure(handle, key="tap", auto_advance=False, leaderboard="asked", break_every=1)
    state = await configure(handle, key="tap", auto_advance=True)  # a repeat changes nothing
    assert not state.settings.auto_advance
    state = await configure(handle, reading_s=60)
    assert (state.version, state.settings.break_every) == (2, 1)

    await command(handle, "start")
    await until(stage, "question.opened")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await configure(handle, reading_s=0)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "command_not_allowed"

    state = await command(handle, "next")  # enough read
    assert state.opens_at is not None
    assert state.closes_at == state.opens_at + 30_000
    state = await command(handle, "skip")
    assert (state.phase, state.deadline_at) == (Phase.REVEAL, None)
    assert (await command(handle, "show_standings")).standings_shown
    state = await command(handle, "next")
    assert state.break_ends_at == state.deadline_at is not None
    assert (await command(handle, "next")).question == 1
    await command(handle, "end")
    assert (await handle.result()).phase == "finished"
    assert [kind for _, kind in stage.events] == [
        *("run.configured", "run.configured", "run.starting", "question.opened"),
        *("question.opened", "question.closing", "question.closed", "standings.shown"),
        *("break.started", "question.opened", "run.finished"),
    ]
    assert [version for version, _ in stage.events] == list(range(1, 12))
