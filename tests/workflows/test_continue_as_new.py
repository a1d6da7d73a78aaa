"""A run that is longer than one workflow execution may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.local import temporal
from deploy.local.stack import embedded_servers
from quiz.run import RunState
from tests.workflows.stage import Stage, command, open_run, until
from workflows import contract
from workflows.contract import AllAnsweredInput, CommandInput

QUESTIONS = 50
SUGGESTED_AFTER_EVENTS = "500"
"""Temporal's default is 4,096 events, which takes a run of 160 questions."""


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A Temporal server that suggests continue-as-new early."""
    with pytest.MonkeyPatch.context() as patch:
        suggest = {"limit.historyCount.suggestContinueAsNew": SUGGESTED_AFTER_EVENTS}
        patch.setattr(temporal, "DYNAMIC_CONFIG", temporal.DYNAMIC_CONFIG | suggest)
        async with embedded_servers(only={"temporal"}) as servers:
            yield await Client.connect(
                servers.temporal_address, data_converter=pydantic_data_converter
            )


@pytest.mark.parametrize("stage", [{"limit_ms": 60_000}], indirect=True)
async def test_a_long_run_survives_continue_as_new(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, QUESTIONS, countdown_s=0, auto_advance=False)
    async with asyncio.timeout(60):  # sooner than pytest's, which would leave this task to play on
        await command(handle, "start", key="start")
        for question in range(QUESTIONS):
            await until(stage, "question.opened", question + 1)
            await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=question))
            await until(stage, "question.closed", question + 1)
            if question == QUESTIONS - 1:
                # With a new update id, so that only the run's own deduplication by key applies.
                repeated = await handle.execute_update(
                    "next",
                    CommandInput(key=f"next-{question - 1}"),
                    id="again",
                    result_type=RunState,
                )
                assert repeated.question == question
            await command(handle, "next", key=f"next-{question}")
        result = await handle.result()
    assert result.questions == QUESTIONS
    assert [version for version, _ in stage.events] == list(range(1, len(stage.events) + 1))
    assert (await handle.describe()).run_id != handle.first_execution_run_id


async def test_workers_and_runs_of_a_failed_test_are_gone_when_the_next_one_begins(
    client: Client,
) -> None:
    failed = Stage()

    async def fail() -> None:
        async with failed.open(client):
            await open_run(client, failed, 1)
            raise RuntimeError("as in a failed test")

    with pytest.raises(RuntimeError, match="failed test"):
        await fail()
    (left,) = failed.runs
    assert (await left.describe()).status is WorkflowExecutionStatus.TERMINATED
    async with (following := Stage()).open(client):
        handle = await open_run(client, following, 1)
        await command(handle, "lock")
    assert not failed.events
