"""A run that is longer than one workflow execution may be."""

from __future__ import annotations

import asyncio

from temporalio.client import Client

from quiz.run import RunState
from tests.workflows.stage import Stage, command, open_run, until
from workflows import contract
from workflows.contract import AllAnsweredInput, CommandInput


async def test_a_run_of_300_questions_survives_continue_as_new(client: Client) -> None:
    stage = Stage(limit_ms=60_000)
    questions = 300
    async with stage.open(client):
        handle = await open_run(client, stage, questions, countdown_s=0, auto_advance=False)
        await command(handle, "start", key="start")
        for question in range(questions):
            await until(stage, "question.opened", question + 1)
            await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=question))
            await until(stage, "question.closed", question + 1)
            if question == questions - 1:
                # With a new update id, so that only the run's own deduplication by key applies.
                repeated = await handle.execute_update(
                    "next",
                    CommandInput(key=f"next-{question - 1}"),
                    id="again",
                    result_type=RunState,
                )
                assert repeated.question == question
            await command(handle, "next", key=f"next-{question}")
        result = await asyncio.wait_for(handle.result(), 10)
    assert result.questions == questions
    assert [version for version, _ in stage.events] == list(range(1, len(stage.events) + 1))
    assert (await handle.describe()).run_id != handle.first_execution_run_id
