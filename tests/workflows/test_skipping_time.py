"""Whole quizzes in seconds, on the time-skipping test server."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from tests.workflows.stage import Stage, open_run
from workers.search_attributes import add_search_attributes
from workflows import contract
from workflows.contract import PlayersJoinedInput
from workflows.operator_view import SEARCH_ATTRIBUTES

TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as env:
        await add_search_attributes(env.client, SEARCH_ATTRIBUTES)
        yield env


async def test_a_quiz_of_50_questions_runs_by_its_timers_alone(
    skipping: WorkflowEnvironment,
) -> None:
    stage = Stage()
    async with stage.open(skipping.client):
        handle = await open_run(skipping.client, stage, 50, auto_start_players=2)
        await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=2))
        result = await handle.result()
        run = await handle.describe()
    assert run.close_time is not None
    took_ms = (run.close_time - run.start_time).total_seconds() * 1000
    assert (result.phase, result.players, result.questions) == ("finished", 2, 50)
    expected_ms = 3_000 + 50 * (300 + 20_000 + 5_000)
    assert expected_ms <= took_ms <= expected_ms + 50 * 500
    # A question that is published late is moved, and thus opened again.
    kinds = [kind for kind, _ in groupby(kind for _, kind in stage.events)]
    cycle = ["question.opened", "question.closing", "question.closed"]
    assert kinds == ["run.starting", *cycle * 50, "run.finished"]
    assert [version for version, _ in stage.events] == list(range(1, len(stage.events) + 1))
