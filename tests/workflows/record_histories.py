"""Record the histories that CI replays: ``python -m tests.workflows.record_histories``.

Run it after an intended change of the workflow's commands. First move the histories of the previous
release into a folder of their own: they are needed for as long as its runs may be live.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from quiz.run import IdleTimeouts
from tests.workflows.stage import Handle, Stage, command, open_run, until
from workflows import contract
from workflows.contract import AllAnsweredInput, PlayersJoinedInput
from workflows.operator_view import SEARCH_ATTRIBUTES
from workflows.quiz_run import QuizRun

FOLDER = Path(__file__).parent / "histories"
TEMPORAL = Path(sys.executable).parent / "temporal"
SHORT_HISTORY = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=90")


async def _happy_path(client: Client) -> list[Handle]:
    stage = Stage(limit_ms=1_500)
    async with stage.open(client):
        handle = await open_run(client, stage, 2, countdown_s=1, reveal_s=1, auto_start_players=3)
        await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=3))
        await until(stage, "question.opened")
        await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=0))
        await handle.result()
    return [handle]


async def _pause_and_resume(client: Client) -> list[Handle]:
    stage = Stage(limit_ms=3_000, scoring_s=0.3)
    stage.fail(contract.CLOSE_QUESTION, times=1)
    async with stage.open(client):
        handle = await open_run(client, stage, 2, countdown_s=2, reveal_s=2)
        await command(handle, "lock")
        await command(handle, "start")
        for kind in ("run.starting", "question.opened", "question.closed"):
            await until(stage, kind)
            await command(handle, "pause")
            await command(handle, "kick", player_id="player")
            await command(handle, "resume")
        await command(handle, "next")
        await command(handle, "skip")
        await command(handle, "end")
        await handle.result()
    return [handle]


async def _moved_question(client: Client) -> list[Handle]:
    """Kafka hangs while the question is published and while the run resumes; then an operator
    cancels the workflow while it is closing."""
    stage = Stage(limit_ms=30_000)
    async with stage.open(client):
        handle = await open_run(client, stage, 2, countdown_s=1, reveal_s=60)
        await command(handle, "start")
        await _hang(stage, 1.0)
        await until(stage, "question.opened", 2)
        await command(handle, "pause")
        resuming = asyncio.create_task(command(handle, "resume"))
        await _hang(stage, 1.5)
        await resuming
        await until(stage, "run.resumed", 2)
        stage.fail(contract.FINISH_RUN, times=3)
        ending = asyncio.create_task(command(handle, "end"))
        while not stage.tries[contract.FINISH_RUN]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await handle.cancel()
        await handle.result()
        await ending
    return [handle]


async def _hang(stage: Stage, hang_s: float) -> None:
    """Make the next publication hang."""
    stage.published.clear()
    before = stage.tries[contract.PUBLISH_DECISIONS]
    while stage.tries[contract.PUBLISH_DECISIONS] == before:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    # time: how long the publication hangs
    await asyncio.sleep(hang_s)
    stage.published.set()


async def _left_alone(client: Client) -> list[Handle]:
    idle = IdleTimeouts(lobby_timeout_ms=2_000, expiry_warning_ms=1_000)
    stage = Stage()
    async with stage.open(client):
        handle = await open_run(client, stage, 1, idle=idle)
        await handle.result()
    return [handle]


async def _continue_as_new(client: Client) -> list[Handle]:
    stage = Stage(limit_ms=200)
    async with stage.open(client):
        first = await open_run(client, stage, 10, countdown_s=0, reveal_s=1)
        await command(first, "start", key="start")
        await first.result()
    return [
        client.get_workflow_handle_for(QuizRun.run, first.id, run_id=first.first_execution_run_id),
        client.get_workflow_handle_for(QuizRun.run, first.id),
    ]


def _without_traces(history: str) -> str:
    """Remove stack traces, which contain local paths and are not needed for replay."""
    return re.sub(r'"stackTrace": "(?:[^"\\]|\\.)*"', '"stackTrace": ""', history)


async def record() -> None:
    """Play the runs and save their histories."""
    plays = {
        "happy-path": _happy_path,
        "pause-resume": _pause_and_resume,
        "moved-question": _moved_question,
        "left-alone": _left_alone,
        "continue-as-new": _continue_as_new,
    }
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=SHORT_HISTORY,
        dev_server_log_level="error",
        search_attributes=SEARCH_ATTRIBUTES,
    ) as env:
        for name, play in plays.items():
            for number, handle in enumerate(await play(env.client), 1):
                history = await handle.fetch_history()
                path = FOLDER / f"{name}-{number}.json"
                path.write_text(_without_traces(history.to_json()) + "\n")
                print(f"{path.name}: {len(history.events)} events")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(record())
