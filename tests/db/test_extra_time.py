from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import AnswerRow, Answers
from db.players import Player, Players
from db.rescoring import RescoreJob, Rescoring
from db.results import Results
from db.runs import KnownRun, NewRun, Runs
from db.scoring import ScoreInput, Scoring
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import ExtraTime
from quiz.ranking import standings
from quiz.run import Phase
from quiz.scoring import Score, score_answer
from quiz.streaks import StreakRules
from tests.db.make import NOW, capitals, finished, joined, live_run, snapshot_of

LIMIT_MS = 20_000


def score_by_speed(given: ScoreInput) -> Score:
    return score_answer(
        capitals().questions[given.question],
        given.answer,
        given.elapsed_ms,
        scoring="speed",
        extra_time=given.extra_time,
    )


async def in_question(engine: AsyncEngine, run: NewRun, question: int) -> None:
    snapshot = snapshot_of(run, version=question + 1, phase=Phase.QUESTION, question=question)
    await Runs(engine).save_snapshot(snapshot)


async def answered(
    engine: AsyncEngine, run: NewRun, *given: tuple[Player, int, int], question: int = 0
) -> None:
    """Record correct answers: player, `elapsed_ms`, factor."""
    rows = [
        AnswerRow(run.id, question, player.id, 0, elapsed, NOW + elapsed, percent)
        for player, elapsed, percent in given
    ]
    assert all(
        not isinstance(one, QuizrunError) for one in await Answers(engine).record_batch(rows)
    )


async def scores(engine: AsyncEngine, run: NewRun) -> list[int]:
    return [total.score for total in await Scoring(engine).totals(run.id)]


async def test_a_change_applies_from_the_next_question_on(engine: AsyncEngine) -> None:
    run, players = await live_run(engine), Players(engine)
    ann, bob = await joined(engine, run, 2)
    changed = await players.change_extra_time(run.id, ann.id, 150)
    assert changed.players[ann.id] == ExtraTime(percent=150, before=100, from_question=0)
    await in_question(engine, run, 0)
    await players.change_extra_time(run.id, ann.id, 200)
    await players.change_extra_time(run.id, ann.id, 125)
    await players.change_extra_time(run.id, bob.id, 200)
    found = await players.extra_times(run.id)
    assert found.players == {
        ann.id: ExtraTime(percent=125, before=150, from_question=1),
        bob.id: ExtraTime(percent=200, before=100, from_question=1),
    }
    assert (found.longest, found.changes) == (200, 4)
    head = (await Runs(engine).heads([KnownRun(run.id)], timeout_s=5))[run.id]
    assert (head.longest_window, head.extra_time_changes) == (200, 4)


async def test_setting_the_current_factor_changes_nothing(engine: AsyncEngine) -> None:
    run, players = await live_run(engine), Players(engine)
    (ann,) = await joined(engine, run, 1)
    first = await players.change_extra_time(run.id, ann.id, 200)
    assert await players.change_extra_time(run.id, ann.id, 200) == first


async def test_the_longest_follows_changes_and_kicks(engine: AsyncEngine) -> None:
    run, players = await live_run(engine), Players(engine)
    ann, bob, cy = await joined(engine, run, 3)
    assert (await players.extra_times(run.id)).longest == 100
    for player, percent, longest in ((ann, 125, 125), (bob, 0, 0), (cy, 200, 0), (bob, 100, 200)):
        changed = await players.change_extra_time(run.id, player.id, percent)
        assert changed.longest == longest
    await players.kick(run.id, cy.id, NOW)
    found = await players.extra_times(run.id)
    assert (found.longest, found.changes, list(found.players)) == (125, 5, [ann.id])


async def test_concurrent_changes_are_all_counted(engine: AsyncEngine) -> None:
    run, players = await live_run(engine), Players(engine)
    everyone = await joined(engine, run, 20)
    changes = await asyncio.gather(
        *(players.change_extra_time(run.id, player.id, 125) for player in everyone)
    )
    assert sorted(one.changes for one in changes) == list(range(1, 21))
    assert len((await players.extra_times(run.id)).players) == 20


async def test_refusals(engine: AsyncEngine) -> None:
    run, other, players = await live_run(engine), await live_run(engine), Players(engine)
    (ann,) = await joined(engine, run, 1)
    for run_id, player_id in ((other.id, ann.id), (run.id, "nobody")):
        with pytest.raises(QuizrunError) as refused:
            await players.change_extra_time(run_id, player_id, 200)
        assert refused.value.code is ErrorCode.NOT_FOUND
    ranks = standings(await Scoring(engine).totals(run.id))
    assert await Scoring(engine).finish(finished(run), ranks, NOW)
    with pytest.raises(QuizrunError) as refused:
        await players.change_extra_time(run.id, ann.id, 200)
    assert refused.value.code is ErrorCode.RUN_FINISHED


async def test_points_depend_on_the_window_in_which_an_answer_was_given(
    engine: AsyncEngine,
) -> None:
    run, players = await live_run(engine), Players(engine)
    ann, bob, cy = await joined(engine, run, 3)
    await answered(engine, run, (ann, 15_000, 100), (bob, 30_000, 200), (cy, 90_000, 0))
    await players.change_extra_time(run.id, bob.id, 125)  # for later questions
    await Scoring(engine).score_run(run.id, 0, score_by_speed)
    assert await scores(engine, run) == [625, 625, 500]


async def test_late_answers_and_rescoring_use_that_window_too(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    ann, bob = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await answered(engine, run, (ann, 30_000, 200))
    await scoring.score_run(run.id, 0, score_by_speed)
    await answered(engine, run, (bob, 25_000, 125))  # committed after question 0 was scored
    await scoring.score_run(run.id, 1, score_by_speed)
    assert await scores(engine, run) == [625, 500]
    job = RescoreJob(
        run_id=run.id,
        question_count=3,
        asked=1,
        score=score_by_speed,
        streaks=StreakRules(),
    )
    assert (await Rescoring(engine).compare(job)).none
    async with engine.begin() as connection:  # what a lost factor would have cost
        await connection.execute(text("UPDATE answers SET extra_time = NULL"))
    found = await Rescoring(engine).compare(job)
    assert [one.earned for one in found.answers] == [500]


async def test_answers_of_the_previous_release_have_the_normal_window(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    (ann,) = await joined(engine, run, 1)
    async with engine.begin() as connection:
        await connection.execute(
            text("""
                INSERT INTO answers (run_id, question, player_id, answer, elapsed_ms, received_at)
                VALUES (:run_id, 0, :player_id, '0', 10000, 1)
            """),
            {"run_id": run.id, "player_id": ann.id},
        )
    await Scoring(engine).score_run(run.id, 0, score_by_speed)
    assert await scores(engine, run) == [750]


async def test_the_report_includes_extra_time_until_the_run_is_anonymised(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 4)
    windows = [100, 150, 200, 0]
    await answered(
        engine,
        run,
        *((player, 9_000, window) for player, window in zip(players, windows, strict=True)),
    )
    ranked = standings(await Scoring(engine).totals(run.id))
    assert [one.answers[0].extra_time for one in await Results(engine).players(run.id, ranked)] == (
        windows
    )
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE runs SET anonymised_at = 1 WHERE id = :run_id"), {"run_id": run.id}
        )
    reports = await Results(engine).players(run.id, ranked)
    assert {one.answers[0].extra_time for one in reports} == {100}
