from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import Answers
from db.ids import new_id
from db.runs import KnownRun, OpenRun, PinInUse, RunHead, Runs
from db.scoring import Scoring
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from tests.db.make import (
    NOW,
    answer_of,
    capitals,
    finished,
    joined,
    live_run,
    new_run,
    snapshot_of,
    zero_scores,
)

UNUSED_ID = "01900000-0000-7000-8000-000000000000"


async def test_a_run_is_found_by_id_and_pin(engine: AsyncEngine) -> None:
    run = await live_run(engine, reveal_s=7)
    stored = await Runs(engine).get(run.id)
    assert (stored.pin, stored.settings, stored.phase) == (run.pin, run.settings, Phase.LOBBY)
    assert stored.snapshot == run.snapshot
    assert await Runs(engine).open_by_pins(["1", run.pin]) == [
        None,
        OpenRun(run.id, stored.title, stored.snapshot.language, stored.settings),
    ]
    assert await Runs(engine).content(run.quiz_id, 1) == capitals()


@pytest.mark.parametrize("run_id", [UNUSED_ID, "nonsense", "", "'; --"])
async def test_an_unknown_run_is_not_found(engine: AsyncEngine, run_id: str) -> None:
    with pytest.raises(QuizrunError) as refused:
        await Runs(engine).get(run_id)
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert await Runs(engine).snapshot(run_id) is None


async def test_of_runs_created_concurrently_with_one_pin_one_gets_it(engine: AsyncEngine) -> None:
    base = await new_run(engine)
    runs = [replace(base, id=new_id()) for _ in range(5)]
    outcomes = await asyncio.gather(
        *(Runs(engine).create(run) for run in runs), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["PinInUse"] * 4


async def test_creating_a_run_is_idempotent(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    before = await Runs(engine).get(run.id)
    await Runs(engine).create(run)
    assert await Runs(engine).get(run.id) == before


async def test_a_pin_is_free_again_after_the_end(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    with pytest.raises(PinInUse):
        await live_run(engine, pin=run.pin)
    assert await Scoring(engine).finish(finished(run), [], NOW)
    assert await Runs(engine).open_by_pins([run.pin]) == [None]
    again = await live_run(engine, pin=run.pin)
    (found,) = await Runs(engine).open_by_pins([run.pin])
    assert found is not None
    assert found.id == again.id


async def test_an_abandoned_run_is_cancelled_and_frees_its_pin(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    before = snapshot_of(run, version=4, phase=Phase.QUESTION, due="score", deadline_at=NOW)
    await Runs(engine).save_snapshot(before)
    players = await joined(engine, run, 2)
    await Answers(engine).record_batch([answer_of(run, players[1])])
    await Scoring(engine).score_run(run.id, 0, zero_scores)
    cancelled = await Runs(engine).abandon(run.id)
    stored = await Runs(engine).get(run.id)
    assert stored.snapshot == cancelled
    assert (stored.version, stored.snapshot.state.version) == (5, 5)
    assert stored.phase is stored.snapshot.state.phase is Phase.CANCELLED
    assert (stored.snapshot.state.due, stored.snapshot.state.deadline_at) == (None, None)
    assert stored.snapshot.outcome is not None
    assert [line.nickname for line in stored.snapshot.outcome.podium] == ["player 2"]
    assert stored.finished_at is not None
    assert await Runs(engine).abandon(run.id) is None
    await live_run(engine, pin=run.pin)


async def test_an_older_snapshot_never_replaces_a_newer_one(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    runs = Runs(engine)
    for version, phase in ((5, Phase.QUESTION), (4, Phase.STARTING)):
        await runs.save_snapshot(snapshot_of(run, version=version, phase=phase))
    stored = await runs.get(run.id)
    assert (stored.version, stored.phase) == (5, Phase.QUESTION)


async def test_the_first_content_of_a_version_stays(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    runs = Runs(engine)
    first = snapshot_of(run, version=5, phase=Phase.QUESTION)
    assert await runs.save_snapshot(first) == first
    other = snapshot_of(run, version=5, phase=Phase.QUESTION, players=3)
    assert await runs.save_snapshot(other) == first
    assert await runs.snapshot(run.id) == first
    assert await runs.save_snapshot(snapshot_of(run, version=4, phase=Phase.QUESTION)) is None


async def test_a_finished_run_cannot_be_changed(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    assert await Scoring(engine).finish(finished(run, version=9), [], NOW)
    await Runs(engine).save_snapshot(snapshot_of(run, version=10, phase=Phase.LOBBY))
    assert await Runs(engine).abandon(run.id) is None
    stored = await Runs(engine).get(run.id)
    assert (stored.version, stored.phase, stored.finished_at) == (9, Phase.FINISHED, NOW)


async def test_a_host_lists_runs_the_latest_first(engine: AsyncEngine) -> None:
    first = await live_run(engine)
    others = [
        replace(first, id=new_id(), pin=f"{first.pin}-{n}", created_at=NOW + n) for n in (1, 2)
    ]
    for run in others:
        await Runs(engine).create(run)
    page, total = await Runs(engine).page(first.host_id, 2, 0)
    assert ([run.id for run in page], total) == ([others[1].id, others[0].id], 3)
    rest, total = await Runs(engine).page(first.host_id, 2, 2)
    assert ([run.id for run in rest], total) == ([first.id], 3)
    assert await Runs(engine).page(new_id(), 2, 0) == ([], 0)


async def test_versions_of_many_runs(engine: AsyncEngine) -> None:
    one, two = await live_run(engine), await live_run(engine)
    await Runs(engine).save_snapshot(snapshot_of(two, version=7))
    runs, none = Runs(engine), KnownRun(new_id())
    heads = await runs.heads([KnownRun(one.id), KnownRun(two.id), none], timeout_s=5)
    assert heads == {one.id: RunHead(0, 0), two.id: RunHead(7, 0)}
    known = [KnownRun(one.id, 0, 0, 0), KnownRun(two.id, 6, 0, 0), none]
    assert await runs.heads(known, timeout_s=5) == {two.id: RunHead(7, 0)}
