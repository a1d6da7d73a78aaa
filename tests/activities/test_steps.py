"""The activities of a run on real stores, each retried as by Temporal."""

from __future__ import annotations

import pytest

from db.leaderboard import Leaderboard
from db.moderation import AnswerModeration
from db.players import Players
from db.run_state import RunStates
from db.runs import Runs
from db.scoring import Scoring
from quiz.commands import (
    DeadlinePassed,
    End,
    Kick,
    Lock,
    Pause,
    Skip,
    Start,
    Unlock,
)
from quiz.events import Decision
from quiz.moderation import answer_key
from quiz.run import Phase
from tests.activities.conftest import Backstage, Play
from tests.quiz.examples import every_type
from workflows.contract import CloseInput, StepInput


def decide_question(play: Play) -> Decision:
    """Let the countdown pass."""
    play.apply(Start())
    (decision,) = play.apply(DeadlinePassed(), play.state.deadline_at)
    return decision


async def open_question(play: Play) -> Decision:
    decision = decide_question(play)
    await play.publish(decision)
    return decision


def skip(play: Play) -> Decision:
    """Close the question; return the decision to reveal it. `play.state` is the one before."""
    closing, closed = play.apply(Skip())
    play.state = closing.state
    return closed


async def score(play: Play) -> tuple[int, int, int]:
    counts = await play.backstage.run(play.backstage.activities.scoring.score_answers, play.step)
    return counts.answered, counts.scored, counts.late


async def totals(play: Play) -> dict[str, int]:
    stored = await Scoring(play.backstage.engine).totals(play.run_id)
    return {total.nickname: total.score for total in stored}


async def test_a_question_is_published_as_decided_and_without_its_solution(
    play: Play, backstage: Backstage
) -> None:
    decision = await open_question(play)
    event = await backstage.event(play.run_id, "question.opened")
    assert event.snapshot.state == decision.state
    assert event.snapshot.question is not None
    assert event.snapshot.language == "en"
    published = event.model_dump_json()
    assert "Paris" in published  # an option
    assert "Since 987" not in published  # the explanation
    assert '"correct"' not in published
    assert "a secret seed" not in published


async def test_a_version_has_the_same_content_in_every_store(
    play: Play, backstage: Backstage
) -> None:
    decision = await open_question(play)
    later = {"opens_at": 1, "closes_at": 2}
    other = decision.model_copy(update={"state": decision.state.model_copy(update=later)})
    published = await play.publish(other)
    assert published.opens_at == decision.state.opens_at
    runs = Runs(backstage.engine)
    for stored in (
        await runs.snapshot(play.run_id),
        await RunStates(backstage.redis, runs).load(play.run_id),
    ):
        assert stored is not None
        assert stored.state == decision.state
    (lock,) = play.apply(Lock())
    await play.publish(lock)
    await backstage.event(play.run_id, "run.locked")
    opened = [e for e in backstage.heard if e.run_id == play.run_id and e.type == "question.opened"]
    assert {event.snapshot.state.opens_at for event in opened} == {decision.state.opens_at}


async def test_an_outdated_version_is_not_published(play: Play, backstage: Backstage) -> None:
    (lock,) = play.apply(Lock())
    (unlock,) = play.apply(Unlock())
    await play.publish(unlock)
    assert (await play.publish(lock)).opens_at is None
    (kick,) = play.apply(Kick(player_id=play.players[0].id))
    await play.publish(kick)
    await backstage.event(play.run_id, "player.kicked")
    published = [event.type for event in backstage.heard if event.run_id == play.run_id]
    assert published == ["run.unlocked", "player.kicked"]


@pytest.mark.parametrize(("players", "announced"), [(999, []), (1_000, [0])])
async def test_a_large_run_is_told_that_its_answers_are_scored_before_their_reveal(
    play: Play, backstage: Backstage, players: int, announced: list[int]
) -> None:
    play.state = play.state.model_copy(update={"players": players})
    await open_question(play)
    closed = skip(play)
    step = CloseInput(closing=play.state, closed=closed.state)
    await backstage.run(backstage.activities.closing.close_question, step)
    await backstage.event(play.run_id, "question.closed")
    changes = [one for one in backstage.changes if one.run_id == play.run_id]
    assert [one.question for one in changes if one.change == "scored"] == announced


async def test_scoring_and_revealing_twice_counts_once(play: Play, backstage: Backstage) -> None:
    await open_question(play)
    await play.answers(0, Ada=0, Bob=1)
    closed = skip(play)
    assert await score(play) == (2, 2, 0)
    assert await score(play) == (2, 0, 0)
    play.state = closed.state
    assert await totals(play) == {"Ada": 750, "Bob": 0, "Cleo": 0}
    revealing = backstage.activities.standings.publish_standings
    summary = await backstage.run(revealing, play.step)
    assert await backstage.run(revealing, play.step) == summary
    assert summary.top[0].nickname == "Ada"
    reveal = (await backstage.event(play.run_id, "question.closed")).snapshot.reveal
    assert reveal is not None
    assert (reveal.solution, reveal.distribution) == ([0], [1, 1])
    assert reveal.explanation == "Since 987."
    assert [line.rank for line in reveal.leaderboard] == [1, 2, 2]
    top = await Leaderboard(backstage.redis).top(play.run_id, 10, version=play.state.version)
    assert top is not None
    assert [(line.nickname, line.score) for line in top] == [("Ada", 750), ("Bob", 0), ("Cleo", 0)]


async def test_a_moderated_reveal_shows_correct_and_approved_answers(
    play: Play, backstage: Backstage
) -> None:
    settings = play.state.settings.model_copy(update={"moderate_answers": True})
    typed = next(n for n, asked in enumerate(every_type().questions) if asked.type == "text")
    play.state = play.state.model_copy(
        update={"settings": settings, "question": typed, "phase": Phase.REVEAL, "version": 7}
    )
    await play.answers(typed, Ada="Rude Word", Bob="Shown", Cleo="not looked at")
    moderation = AnswerModeration(backstage.engine)
    await moderation.set_shown(play.run_id, typed, [answer_key("Rude Word")], shown=False)
    await moderation.set_shown(play.run_id, typed, [answer_key("Shown")], shown=True)
    await backstage.run(backstage.activities.standings.publish_standings, play.step)
    reveal = (await backstage.event(play.run_id, "question.closed")).snapshot.reveal
    assert reveal is not None
    assert [line["answer"].casefold() for line in reveal.distribution] == ["shown"]
    assert reveal.answered == 3


async def test_an_answer_that_was_committed_late_is_scored_with_the_next_question(
    play: Play, backstage: Backstage
) -> None:
    await open_question(play)
    skip(play)
    assert await score(play) == (0, 0, 0)
    await play.answers(0, Cleo=0)
    play.state = play.state.model_copy(
        update={"due": "score", "question": 1, "phase": Phase.QUESTION}
    )
    assert await score(play) == (0, 1, 1)
    assert (await totals(play))["Cleo"] == 750


async def test_a_pause_keeps_the_reveal_for_returning_players(
    play: Play, backstage: Backstage
) -> None:
    await open_question(play)
    closed = skip(play)
    await score(play)
    play.state = closed.state
    await backstage.run(backstage.activities.standings.publish_standings, play.step)
    await play.publish(*play.apply(Pause()))
    event = await backstage.event(play.run_id, "run.paused")
    assert event.snapshot.reveal is not None
    assert event.snapshot.state.paused


async def test_a_kicked_player_leaves_the_standings(play: Play, backstage: Backstage) -> None:
    bob = play.players[1]
    await Leaderboard(backstage.redis).publish(
        play.run_id,
        await Scoring(backstage.engine).totals(play.run_id),
        version=play.state.standings_version,
    )
    kick = play.apply(Kick(player_id=bob.id))
    for _ in range(2):
        await play.publish(*kick)
    assert (await backstage.event(play.run_id, "player.kicked")).player_id == bob.id
    assert set(await totals(play)) == {"Ada", "Cleo"}
    assert await Players(backstage.engine).count(play.run_id) == 2
    top = await Leaderboard(backstage.redis).top(play.run_id, 10, version=play.state.version)
    assert top is not None
    assert {line.nickname for line in top} == {"Ada", "Cleo"}


async def test_ending_during_a_question_scores_acknowledged_answers(
    play: Play, backstage: Backstage
) -> None:
    await open_question(play)
    await play.answers(0, Ada=0, Cleo=0)
    play.apply(End())
    closing = backstage.activities.standings.finish_run
    result = await backstage.run(closing, play.step)
    assert (result.phase, result.players) == ("finished", 3)
    assert [(line.rank, line.nickname) for line in result.podium] == [
        (1, "Ada"),
        (1, "Cleo"),
    ]
    again = await backstage.run(closing, play.step)
    assert again == result
    outcome = (await backstage.event(play.run_id, "run.finished")).snapshot.outcome
    assert outcome is not None
    assert outcome.podium[0].score == 750
    run = await Runs(backstage.engine).get(play.run_id)
    assert run.finished_at is not None
    assert run.phase is Phase.FINISHED


async def test_a_run_without_questions_asked_is_cancelled(play: Play, backstage: Backstage) -> None:
    play.apply(End())
    result = await backstage.run(
        backstage.activities.standings.finish_run, StepInput(state=play.state)
    )
    assert result.phase == "cancelled"
    assert (await backstage.event(play.run_id, "run.cancelled")).version == play.state.version


async def test_closing_a_question_is_idempotent_and_publishes_both_versions(
    play: Play, backstage: Backstage
) -> None:
    await open_question(play)
    await play.answers(0, Ada=0, Bob=1)
    closing, closed = play.apply(Skip())
    given = CloseInput(closing=closing.state, closed=closed.state)
    for _ in range(2):
        result = await backstage.run(backstage.activities.closing.close_question, given)
        assert (result.answered, result.top[0].nickname) == (2, "Ada")
    assert await totals(play) == {"Ada": 750, "Bob": 0, "Cleo": 0}
    event = await backstage.event(play.run_id, "question.closed")
    assert event.snapshot.state == closed.state
    assert event.snapshot.reveal is not None
    assert (await backstage.event(play.run_id, "question.closing")).version == closing.version
