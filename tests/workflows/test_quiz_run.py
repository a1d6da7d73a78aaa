"""The workflow on a real Temporal server, with the activities of `stage`."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)

from quiz.run import IdleTimeouts, Phase, RunState
from telemetry.clock import now_ms
from tests.workflows.stage import Stage, command, open_run, refused, until, until_tried
from workflows import contract, policies
from workflows.contract import (
    AllAnsweredInput,
    CommandInput,
    ExtraTimesInput,
    PlayersJoinedInput,
)


def contiguous(stage: Stage) -> bool:
    """Whether every version was published once and in order."""
    versions = [version for version, _ in stage.events]
    return versions == list(range(1, len(versions) + 1))


QUICK: dict[str, Any] = {"limit_ms": 1_000}


@pytest.mark.parametrize("stage", [QUICK], indirect=True)
async def test_a_started_run_plays_to_its_end(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 2, countdown_s=1, reveal_s=1)
    state = await command(handle, "start")
    assert state.phase is Phase.STARTING
    result = await handle.result()
    assert (result.phase, result.questions) == ("finished", 2)
    assert contiguous(stage)


async def test_a_repeated_command_counts_once(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 1, countdown_s=60)
    first = await command(handle, "start", key="tap")
    again = await command(handle, "start", key="tap")
    assert first.version == again.version == 1
    assert await refused(handle, "start") == "command_not_allowed"
    await command(handle, "end")


async def test_a_refused_command_is_not_in_the_history(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 1)
    await command(handle, "lock")
    before = (await handle.describe()).history_length
    for name in ("resume", "next", "skip"):
        assert await refused(handle, name) == "command_not_allowed"
    assert (await handle.describe()).history_length == before
    await command(handle, "end")


async def test_concurrent_pauses_pause_once(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 1, countdown_s=60)
    await command(handle, "start")
    both = await asyncio.gather(
        command(handle, "pause"), command(handle, "pause"), return_exceptions=True
    )
    assert sum(isinstance(outcome, WorkflowUpdateFailedError) for outcome in both) == 1
    await command(handle, "end")


@pytest.mark.parametrize("stage", [{"limit_ms": 2_000}], indirect=True)
async def test_a_pause_that_arrives_together_with_the_timer_is_kept_or_refused_never_lost(
    client: Client, stage: Stage
) -> None:
    """Repeatedly aimed at the instant at which the countdown ends."""
    kept = 0
    for lateness_ms in range(-40, 60, 10):
        handle = await open_run(client, stage, 1, countdown_s=1)
        state = await command(handle, "start")
        assert state.deadline_at is not None
        # time: aimed at the instant of the timer
        await asyncio.sleep((state.deadline_at + lateness_ms - now_ms()) / 1000)
        paused = await command(handle, "pause")
        assert paused.paused
        kept += paused.phase is Phase.STARTING
        # time: how long it is paused
        await asyncio.sleep(0.2)
        resumed = await command(handle, "resume")
        assert not resumed.paused
        if resumed.phase is Phase.QUESTION:
            assert resumed.closes_at is not None
            assert resumed.opens_at is not None
            assert resumed.closes_at - resumed.opens_at - resumed.paused_ms == 2_000
        await command(handle, "end")
    assert kept < 10


@pytest.mark.parametrize(
    "players", [policies.FAST_SCORING_PLAYERS, policies.FAST_SCORING_PLAYERS + 1]
)
@pytest.mark.parametrize("stage", [{"limit_ms": 30_000, "scoring_s": 1.0}], indirect=True)
async def test_skip_during_scoring_is_refused_and_pause_waits_for_the_reveal(
    client: Client, stage: Stage, players: int
) -> None:
    handle = await open_run(client, stage, 2, countdown_s=0, reveal_s=60)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=players))
    await command(handle, "start")
    await until(stage, "question.opened")
    skipping = asyncio.create_task(command(handle, "skip"))
    await stage.scoring.wait()
    assert await refused(handle, "skip") == "question_closed"
    paused = await command(handle, "pause")
    skipped = await skipping
    assert skipped.phase is Phase.REVEAL
    assert (paused.phase, paused.paused) == (Phase.REVEAL, True)
    assert paused.remaining_ms is not None
    assert 55_000 < paused.remaining_ms <= 60_000
    await command(handle, "resume")
    following = await command(handle, "next")
    assert (following.phase, following.question) == (Phase.QUESTION, 1)
    await command(handle, "end")
    assert contiguous(stage)


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
@pytest.mark.parametrize("place", ["lobby", "starting", "question", "paused", "reveal"])
async def test_a_run_can_be_ended_in_every_phase(client: Client, stage: Stage, place: str) -> None:
    countdown_s = 60 if place == "starting" else 0
    handle = await open_run(client, stage, 2, countdown_s=countdown_s, reveal_s=60)
    if place != "lobby":
        await command(handle, "start")
    if place in ("question", "paused", "reveal"):
        await until(stage, "question.opened")
    if place == "paused":
        await command(handle, "pause")
    if place == "reveal":
        await command(handle, "skip")
    state = await command(handle, "end")
    expected = "cancelled" if place in ("lobby", "starting") else "finished"
    assert state.phase == expected
    assert (await handle.result()).phase == expected
    assert stage.events[-1][1] == f"run.{expected}"


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
async def test_a_question_closes_early_when_all_have_answered(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0, reveal_s=1)
    await command(handle, "start")
    await until(stage, "question.opened")
    await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=3))
    await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=0))
    await handle.signal(contract.SIGNAL_ALL_ANSWERED, AllAnsweredInput(question=0))
    result = await asyncio.wait_for(handle.result(), 10)
    assert result.questions == 1


@pytest.mark.parametrize("stage", [QUICK], indirect=True)
@pytest.mark.parametrize(
    "activity",
    [
        contract.PUBLISH_DECISIONS,
        contract.CLOSE_QUESTION,
        contract.FINISH_RUN,
    ],
)
async def test_a_run_continues_when_a_server_is_back(
    client: Client, stage: Stage, activity: str
) -> None:
    stage.fail(activity, times=3)
    handle = await open_run(client, stage, 1, countdown_s=0, reveal_s=1)
    await command(handle, "start")
    assert (await asyncio.wait_for(handle.result(), 30)).phase == "finished"
    assert stage.tries[activity] >= 4


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
@pytest.mark.parametrize("started", [False, True])
async def test_cancelling_the_workflow_ends_the_run_properly(
    client: Client, stage: Stage, started: bool
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0)
    if started:
        await command(handle, "start")
        await until(stage, "question.opened")
    await handle.cancel()
    expected = "finished" if started else "cancelled"
    assert (await asyncio.wait_for(handle.result(), 10)).phase == expected
    assert stage.events[-1][1] == f"run.{expected}"


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
async def test_the_operator_sees_where_a_run_stands(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 2, countdown_s=0, reveal_s=60)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=7))
    await command(handle, "start")
    await until(stage, "question.opened")
    await command(handle, "skip")
    described = await handle.describe()
    attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert attributes["QuizRunPhase"] == "reveal"
    assert attributes["QuizPin"] == "123456"
    assert (attributes["QuizPlayers"], attributes["QuizQuestion"]) == (7, 1)
    metadata = await handle.query("__temporal_workflow_metadata")
    details = str(metadata)
    assert "| Question | 1 of 2 |" in details
    assert "| Rank 1 | Ada · ·b·: 900 |" in details
    await command(handle, "end")


@pytest.mark.parametrize(
    ("stage", "players", "early", "most"),
    [
        (QUICK, policies.FAST_SCORING_PLAYERS, False, 12),
        (QUICK, policies.FAST_SCORING_PLAYERS + 1, False, 17),
        (QUICK, 5, True, 13),
        (QUICK | {"local_steps": False}, 5, True, 28),
    ],
    indirect=["stage"],
)
async def test_the_events_a_question_adds_to_the_history_do_not_depend_on_its_players(
    client: Client, stage: Stage, players: int, early: bool, most: int
) -> None:
    questions = 3
    handle = await open_run(client, stage, questions, countdown_s=0, reveal_s=1)
    await handle.signal(contract.SIGNAL_PLAYERS_JOINED, PlayersJoinedInput(players=players))
    await command(handle, "start")
    for question in range(questions):
        await until(stage, "question.opened", question + 1)
        if early:
            answered = AllAnsweredInput(question=question)
            await handle.signal(contract.SIGNAL_ALL_ANSWERED, answered)
    await handle.result()
    history = await handle.fetch_history()
    reveals = [
        event.event_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
        and event.user_metadata.summary.data.startswith(b'"Reveal')
    ]
    each = [later - earlier for earlier, later in itertools.pairwise(reveals)]
    assert len(each) == questions - 1
    assert max(each) <= most, f"events from one reveal to the next: {each}"


async def test_a_question_that_could_not_be_published_in_time_is_moved_and_keeps_its_time(
    client: Client, stage: Stage
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=1)
    await command(handle, "start")
    stage.published.clear()
    await until_tried(stage, contract.PUBLISH_DECISIONS, 2)
    await asyncio.sleep(1)  # time: more than the lead
    stage.published.set()
    await until(stage, "question.opened", 2)
    first, again = [one for one in stage.decisions if one.type == "question.opened"]
    assert again.version == first.version + 1
    for one in (first, again):
        assert one.state.opens_at is not None
        assert one.state.closes_at == one.state.opens_at + 20_000
    assert again.state.opens_at is not None
    assert again.state.opens_at > now_ms() - 1_000
    await command(handle, "end")
    assert contiguous(stage)


async def test_a_question_that_was_published_with_other_times_is_moved(
    client: Client, stage: Stage
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=1)
    await command(handle, "start")
    stage.opened_at = 1
    await until(stage, "question.opened", 2)
    first, again = [one for one in stage.decisions if one.type == "question.opened"]
    assert again.version == first.version + 1
    assert again.state.closes_at == (again.state.opens_at or 0) + 20_000
    await command(handle, "end")
    assert contiguous(stage)


async def test_a_run_that_is_ended_while_kafka_is_frozen_ends_when_kafka_is_back(
    client: Client, stage: Stage
) -> None:
    handle = await open_run(client, stage, 2, countdown_s=1)
    await command(handle, "start")
    stage.published.clear()
    await until_tried(stage, contract.PUBLISH_DECISIONS, 2)
    ending = asyncio.create_task(command(handle, "end"))
    await asyncio.sleep(6)  # time: longer than a local activity may take
    stage.published.set()
    result = await asyncio.wait_for(handle.result(), 5)
    assert (await ending).phase is Phase.FINISHED
    assert (result.phase, result.questions) == ("finished", 1)
    assert contiguous(stage)


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000, "scoring_s": 0.5}], indirect=True)
async def test_next_waits_for_a_pending_reveal_and_skips_no_question(
    client: Client, stage: Stage
) -> None:
    handle = await open_run(client, stage, 3, countdown_s=0, reveal_s=60)
    await command(handle, "start")
    await until(stage, "question.opened")
    skipping = asyncio.create_task(command(handle, "skip"))
    await stage.scoring.wait()
    states = await asyncio.gather(
        command(handle, "next"), command(handle, "next"), return_exceptions=True
    )
    assert (await skipping).version
    refusals = [state for state in states if isinstance(state, WorkflowUpdateFailedError)]
    assert len(refusals) == 1
    assert [one.state.question for one in stage.decisions if one.type == "question.opened"] == [
        0,
        1,
    ]
    await command(handle, "end")
    assert contiguous(stage)


async def test_concurrent_next_and_lock_get_a_version_each(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 2, countdown_s=0, reveal_s=60)
    await command(handle, "start")
    await until(stage, "question.opened")
    await command(handle, "skip")
    await asyncio.gather(command(handle, "next"), command(handle, "lock"))
    await command(handle, "end")
    assert contiguous(stage)
    opened = [one for one in stage.decisions if one.type == "question.opened"]
    assert [one.state.question for one in opened] == [0, 1]


async def test_cancelling_the_workflow_while_the_run_is_closing_does_not_lose_its_end(
    client: Client, stage: Stage
) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0)
    await command(handle, "start")
    await until(stage, "question.opened")
    stage.fail(contract.FINISH_RUN, times=3)
    ending = asyncio.create_task(command(handle, "end"))
    await until_tried(stage, contract.FINISH_RUN)
    await handle.cancel()
    assert (await asyncio.wait_for(handle.result(), 10)).phase == "finished"
    assert (await ending).phase is Phase.FINISHED
    assert stage.events[-1][1] == "run.finished"


async def test_an_abandoned_lobby_is_ended_after_a_warning(client: Client, stage: Stage) -> None:
    idle = IdleTimeouts(lobby_timeout_ms=2_000, expiry_warning_ms=1_000)
    handle = await open_run(client, stage, 1, idle=idle)
    assert (await asyncio.wait_for(handle.result(), 10)).phase == "cancelled"
    assert [kind for _, kind in stage.events] == ["run.expiring", "run.cancelled"]


@pytest.mark.parametrize("stage", [{"limit_ms": 30_000}], indirect=True)
async def test_extra_time_keeps_a_question_open_for_longer(client: Client, stage: Stage) -> None:
    handle = await open_run(client, stage, 1, countdown_s=0)
    await handle.signal(contract.SIGNAL_EXTRA_TIMES, ExtraTimesInput(longest=150, change=1))
    await command(handle, "start")
    await until(stage, "question.opened")
    (opened,) = [one.state for one in stage.decisions if one.type == "question.opened"]
    assert opened.opens_at is not None
    assert (opened.closes_at, opened.last_closes_at) == (
        opened.opens_at + 30_000,
        opened.opens_at + 45_000,
    )
    await command(handle, "end")


async def test_a_step_that_can_never_succeed_fails_the_workflow_for_the_operator_to_see(
    client: Client, stage: Stage
) -> None:
    stage.hopeless.add(contract.FINISH_RUN)
    handle = await open_run(client, stage, 1)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED


async def test_a_run_knows_its_latest_200_commands(client: Client, stage: Stage) -> None:
    stage.applied_keys = tuple(f"key {number}" for number in range(policies.MAX_COMMAND_KEYS))
    handle = await open_run(client, stage, 1)
    assert (await command(handle, "lock", key="key 0")).version == 0  # a repeat
    assert (await command(handle, "lock", key="a new key")).version == 1
    assert (await command(handle, "unlock", key="key 1")).version == 1  # still a repeat
    given = CommandInput(key="key 0")  # the oldest one, which made way for the new one
    forgotten = await handle.execute_update("unlock", given, id="again", result_type=RunState)
    assert forgotten.version == 2
    await command(handle, "end")
