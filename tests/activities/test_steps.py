"""The steps of a run on real stores, each tried again as Temporal would."""

from __future__ import annotations

import asyncio

from activities.questions import lead_ms
from db.leaderboard import Leaderboard
from db.players import Players
from db.runs import Runs
from db.scoring import Scoring
from quiz.commands import (
    DeadlinePassed,
    End,
    Kick,
    Pause,
    QuestionOpened,
    QuestionScored,
    Skip,
    Start,
)
from quiz.machine import apply
from quiz.run import Phase
from telemetry.clock import now_ms
from tests.activities.conftest import Backstage, Play
from workflows.contract import EventsInput, QuestionTimes, StepInput


def owes_question(play: Play) -> None:
    """Past the countdown."""
    play.apply(Start())
    assert play.state.deadline_at is not None
    play.state, _ = apply(play.state, DeadlinePassed(), play.state.deadline_at)


async def open_question(play: Play) -> QuestionTimes:
    times: QuestionTimes = await play.backstage.run(
        play.backstage.activities.questions.open_question, play.step
    )
    opened = QuestionOpened(
        question=play.state.question + 1, opens_at=times.opens_at, closes_at=times.closes_at
    )
    play.apply(opened)
    return times


async def score(play: Play) -> tuple[int, int, int]:
    counts = await play.backstage.run(play.backstage.activities.scoring.score_answers, play.step)
    play.apply(QuestionScored(question=play.state.question))
    return counts.answered, counts.scored, counts.late


async def totals(play: Play) -> dict[str, int]:
    stored = await Scoring(play.backstage.engine).totals(play.run_id)
    return {total.nickname: total.score for total in stored}


async def test_a_question_is_published_ahead_of_its_opening_and_without_its_solution(
    play: Play, backstage: Backstage
) -> None:
    owes_question(play)
    before = now_ms()
    times = await open_question(play)
    assert before + 300 <= times.opens_at <= now_ms() + 300
    assert times.closes_at == times.opens_at + 20_000
    event = await backstage.hears(play.run_id, "question.opened")
    assert event.snapshot.state.opens_at == times.opens_at
    assert event.snapshot.question is not None
    published = event.model_dump_json()
    assert "Paris" in published  # an option
    assert "987" not in published  # the explanation
    assert '"correct"' not in published
    assert "a secret seed" not in published


async def test_a_retry_keeps_the_times_while_they_are_ahead_and_else_picks_new_ones(
    play: Play, backstage: Backstage
) -> None:
    owes_question(play)
    opening = backstage.activities.questions.open_question
    first = await backstage.run(opening, play.step)
    assert await backstage.run(opening, play.step) == first
    await asyncio.sleep(0.3)
    later = await backstage.run(opening, play.step)
    assert later.opens_at > first.opens_at
    stored = await Runs(backstage.engine).snapshot(play.run_id)
    assert stored is not None
    assert stored.state.opens_at == later.opens_at


def test_the_lead_grows_with_the_room() -> None:
    assert lead_ms(1) == lead_ms(1_000) == 300
    assert lead_ms(10_000) > lead_ms(2_000) > 300


async def test_scoring_and_revealing_twice_counts_once(play: Play, backstage: Backstage) -> None:
    owes_question(play)
    await open_question(play)
    await play.answers(0, Ada=0, Bob=1)
    play.apply(Skip())
    owed = play.step
    assert await score(play) == (2, 2, 0)
    assert (await backstage.run(backstage.activities.scoring.score_answers, owed)).scored == 0
    assert await totals(play) == {"Ada": 750, "Bob": 0, "Cleo": 0}
    revealing = backstage.activities.standings.publish_standings
    summary = await backstage.run(revealing, play.step)
    assert await backstage.run(revealing, play.step) == summary
    assert summary.top[0].nickname == "Ada"
    reveal = (await backstage.hears(play.run_id, "question.closed")).snapshot.reveal
    assert reveal is not None
    assert (reveal.solution, reveal.distribution) == ([0], [1, 1])
    assert reveal.explanation == "Since 987."
    assert [line.rank for line in reveal.leaderboard] == [1, 2, 2]
    top = await Leaderboard(backstage.redis).top(play.run_id, 10, version=play.state.version)
    assert top is not None
    assert [(line.nickname, line.score) for line in top] == [("Ada", 750), ("Bob", 0), ("Cleo", 0)]


async def test_an_answer_that_was_committed_late_is_scored_with_the_next_question(
    play: Play, backstage: Backstage
) -> None:
    owes_question(play)
    await open_question(play)
    play.apply(Skip())
    assert await score(play) == (0, 0, 0)
    await play.answers(0, Cleo=0)
    play.state = play.state.model_copy(
        update={"due": "score", "question": 1, "phase": Phase.QUESTION}
    )
    assert await score(play) == (0, 1, 1)
    assert (await totals(play))["Cleo"] == 750


async def test_a_pause_in_the_reveal_keeps_the_reveal_for_those_who_come_back(
    play: Play, backstage: Backstage
) -> None:
    owes_question(play)
    await open_question(play)
    play.apply(Skip())
    await score(play)
    await backstage.run(backstage.activities.standings.publish_standings, play.step)
    play.state, events = apply(play.state, Pause(), now_ms())
    await backstage.run(
        backstage.activities.events.publish_events, EventsInput(state=play.state, events=events)
    )
    event = await backstage.hears(play.run_id, "run.paused")
    assert event.snapshot.reveal is not None
    assert event.snapshot.state.paused


async def test_a_kicked_player_leaves_the_standings(play: Play, backstage: Backstage) -> None:
    bob = play.players[1]
    await Leaderboard(backstage.redis).publish(
        play.run_id,
        await Scoring(backstage.engine).totals(play.run_id),
        version=play.state.standings_version,
    )
    play.state, events = apply(play.state, Kick(player_id=bob.id), now_ms())
    given = EventsInput(state=play.state, events=events)
    for _ in range(2):
        await backstage.run(backstage.activities.events.publish_events, given)
    assert (await backstage.hears(play.run_id, "player.kicked")).player_id == bob.id
    assert set(await totals(play)) == {"Ada", "Cleo"}
    assert await Players(backstage.engine).count(play.run_id) == 2
    top = await Leaderboard(backstage.redis).top(play.run_id, 10, version=play.state.version)
    assert top is not None
    assert {line.nickname for line in top} == {"Ada", "Cleo"}


async def test_ending_in_a_question_counts_what_was_acknowledged(
    play: Play, backstage: Backstage
) -> None:
    owes_question(play)
    await open_question(play)
    await play.answers(0, Ada=0, Cleo=0)
    play.apply(End())
    closing = backstage.activities.standings.finish_run
    result = await backstage.run(closing, play.step)
    assert (result.phase, result.players) == ("finished", 3)
    assert [(line.rank, line.nickname) for line in result.podium] == [
        (1, "Ada"),
        (1, "Cleo"),
        (3, "Bob"),
    ]
    again = await backstage.run(closing, play.step)
    assert again == result
    outcome = (await backstage.hears(play.run_id, "run.finished")).snapshot.outcome
    assert outcome is not None
    assert outcome.podium[0].score == 750
    run = await Runs(backstage.engine).get(play.run_id)
    assert run.finished_at is not None
    assert run.phase is Phase.FINISHED


async def test_a_run_that_never_asked_anything_is_cancelled(
    play: Play, backstage: Backstage
) -> None:
    play.apply(End())
    result = await backstage.run(
        backstage.activities.standings.finish_run, StepInput(state=play.state)
    )
    assert result.phase == "cancelled"
    assert (await backstage.hears(play.run_id, "run.cancelled")).version == play.state.version
