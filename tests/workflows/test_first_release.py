"""Runs that the first release opened play on by their own rules, on a real Temporal server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError

from quiz.run import IdleTimeouts, Phase, RunState
from quiz.scoring import ScoreCounts
from telemetry.clock import now_ms
from tests.workflows.stage import (
    Stage,
    command,
    open_run,
    refused,
    until,
    until_in_history,
    until_tried,
)
from workflows import contract, policies
from workflows.contract import (
    AllAnsweredInput,
    CommandInput,
    EventsInput,
    ExtraTimesInput,
    PlayersJoinedInput,
    QuestionTimes,
    StandingsSummary,
    StepInput,
)


class FirstRelease(Stage):
    """The activities of the first release."""

    def plan(self, _questions: int, _idle: IdleTimeouts) -> None:
        """There were no plans."""

    @activity.defn(name=contract.OPEN_QUESTION)
    async def open_question(self, given: StepInput) -> QuestionTimes:
        """Open the question at once."""
        self._note(contract.OPEN_QUESTION, given.state.version)
        return QuestionTimes(opens_at=now_ms(), closes_at=now_ms() + self.limit_ms)

    @activity.defn(name=contract.SCORE_ANSWERS)
    async def score_answers(self, given: StepInput) -> ScoreCounts:
        """Count an answer of every player."""
        self._note(contract.SCORE_ANSWERS, given.state.version)
        return ScoreCounts(answered=given.state.players, scored=given.state.players, late=0)

    @activity.defn(name=contract.PUBLISH_STANDINGS)
    async def publish_standings(self, given: StepInput) -> StandingsSummary:
        """Publish nothing."""
        self._note(contract.PUBLISH_STANDINGS, given.state.version)
        return StandingsSummary(players=given.state.players, top=())

    @activity.defn(name=contract.PUBLISH_EVENTS)
    async def publish_events(self, given: EventsInput) -> StandingsSummary:
        """Record the events."""
        self._try(contract.PUBLISH_EVENTS)
        await self.published.wait()
        self.events.extend((event.version, event.type) for event in given.events)
        return StandingsSummary(players=given.state.players, top=())

    def _note(self, step: str, version: int) -> None:
        self._try(step)
        self.events.append((version, step))

    @property
    def local_activities(self) -> list[Callable[..., Any]]:
        """All but the last step."""
        return [
            self.open_question,
            self.score_answers,
            self.publish_standings,
            self.publish_events,
        ]

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """All steps."""
        return [*self.local_activities, self.finish_run]

    @property
    def scoring_activities(self) -> list[Callable[..., Any]]:
        """Scoring."""
        return [self.score_answers]


@pytest.fixture
async def stage(client: Client) -> AsyncIterator[FirstRelease]:
    played = FirstRelease()
    async with played.open(client):
        yield played


QUESTION = (contract.OPEN_QUESTION, contract.SCORE_ANSWERS, contract.PUBLISH_STANDINGS)


async def test_a_run_plays_to_its_end(client: Client, stage: FirstRelease) -> None:
    handle = await open_run(client, stage, 2, countdown_s=0, reveal_s=1, auto_start_players=3)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=3))
    for question in range(2):
        await until(stage, contract.OPEN_QUESTION, question + 1)
        await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=question))
    result = await handle.result()
    assert (result.phase, result.questions, result.players) == ("finished", 2, 3)
    assert [kind for _, kind in stage.events] == [
        "run.starting", *QUESTION, *QUESTION, "run.finished",
    ]  # fmt: skip


async def test_there_is_no_extra_time(client: Client, stage: FirstRelease) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0)
    await handle.signal(contract.SIGNAL_EXTRA_TIMES, ExtraTimesInput(longest=200, change=1))
    state = await command(handle, "start")
    assert (state.phase, state.longest_window) == (Phase.QUESTION, 100)
    assert state.deadline_at == state.closes_at
    await command(handle, "end")


async def test_a_repeated_command_counts_once_and_an_illegal_one_is_refused(
    client: Client, stage: FirstRelease
) -> None:
    stage.applied_keys = tuple(f"key {number}" for number in range(policies.MAX_COMMAND_KEYS))
    handle = await open_run(client, stage, 1)
    assert (await command(handle, "lock", key="key 0")).version == 0
    assert (await command(handle, "lock", key="a new key")).version == 1
    given = CommandInput(key="key 0")  # the oldest one, which made way for the new one
    forgotten = await handle.execute_update("unlock", given, id="again", result_type=RunState)
    assert forgotten.version == 2
    assert await refused(handle, "next") == "command_not_allowed"
    await command(handle, "end")


async def test_the_second_of_two_concurrent_pauses_is_refused(
    client: Client, stage: FirstRelease
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=60)
    await command(handle, "start")
    both = await asyncio.gather(
        command(handle, "pause"), command(handle, "pause"), return_exceptions=True
    )
    assert sum(isinstance(outcome, RunState) for outcome in both) == 1
    await command(handle, "end")


@pytest.mark.parametrize("step", [*QUESTION, contract.PUBLISH_EVENTS])
async def test_a_step_that_fails_is_repeated_where_the_operator_sees_it(
    client: Client, stage: FirstRelease, step: str
) -> None:
    stage.fail(step, times=2)
    handle = await open_run(client, stage, 1, countdown_s=0, reveal_s=1)
    await command(handle, "start")
    await command(handle, "skip")
    assert (await handle.result()).phase == "finished"
    history = await handle.fetch_history()
    scheduled = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    assert scheduled == [step, contract.FINISH_RUN]


async def test_large_runs_are_scored_on_a_queue_of_their_own(
    client: Client, stage: FirstRelease
) -> None:
    players = policies.FAST_SCORING_PLAYERS + 1
    handle = await open_run(client, stage, 1, countdown_s=0, reveal_s=1)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=players))
    await command(handle, "start")
    await command(handle, "skip")
    await handle.result()
    history = await handle.fetch_history()
    queues = [
        event.activity_task_scheduled_event_attributes.task_queue.name
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    assert queues == [contract.SCORING_QUEUE, contract.RUN_QUEUE]


@pytest.mark.parametrize("started", [False, True])
async def test_cancelling_the_workflow_ends_the_run_properly(
    client: Client, stage: FirstRelease, started: bool
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0)
    if started:
        await command(handle, "start")
        await until(stage, contract.OPEN_QUESTION)
    await handle.cancel()
    expected = "finished" if started else "cancelled"
    assert (await handle.result()).phase == expected
    assert stage.events[-1][1] == f"run.{expected}"


@pytest.mark.parametrize("ending", [False, True])
async def test_cancelling_the_workflow_while_kafka_is_frozen_ends_the_run(
    client: Client, stage: FirstRelease, ending: bool
) -> None:
    # With short workflow tasks, commands and the cancellation reach a step under way.
    handle = await open_run(client, stage, 1, task_timeout=timedelta(seconds=1))
    stage.published.clear()
    commands = [asyncio.create_task(command(handle, "lock"))]
    await until_tried(stage, contract.PUBLISH_EVENTS)
    if ending:
        commands.append(asyncio.create_task(command(handle, "end")))
        await until_in_history(
            handle, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED, len(commands)
        )
    await handle.cancel()
    assert (await handle.result()).phase == "cancelled"
    assert [kind for _, kind in stage.events] == ["run.cancelled"]
    assert all(isinstance(state, RunState) for state in await asyncio.gather(*commands))


async def test_a_step_that_can_never_succeed_fails_the_workflow_for_the_operator_to_see(
    client: Client, stage: FirstRelease
) -> None:
    stage.hopeless.add(contract.OPEN_QUESTION)
    handle = await open_run(client, stage, 1, countdown_s=0, auto_start_players=1)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=1))
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert not stage.tries[contract.FINISH_RUN]


async def test_a_pause_that_arrives_together_with_the_end_of_the_countdown_is_kept(
    client: Client, order: str
) -> None:
    stage = FirstRelease()
    async with stage.steps(client):
        async with stage.workflows(client):
            handle = await open_run(client, stage, 1, countdown_s=2)
            await command(handle, "start")
        pausing = asyncio.create_task(command(handle, "pause"))
        await until_in_history(handle, EventType.EVENT_TYPE_TIMER_FIRED)
        async with stage.workflows(client):
            paused = await pausing
            assert (paused.phase, paused.paused) == (Phase.STARTING, True), order
            assert (await command(handle, "resume")).deadline_at is not None
            await command(handle, "end")
            await handle.result()
