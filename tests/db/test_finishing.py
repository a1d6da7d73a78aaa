from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import answers as answers_module
from db.answers import AnswerRow, Answers, Recorded
from db.batching import BatchWriter
from db.finishing import finish as finish_in
from db.players import Player, Players
from db.runs import NewRun, Runs
from db.scoring import Scoring
from quiz.errors import ErrorCode, QuizrunError
from quiz.ranking import standings
from tests.db.make import NOW, answer_of, finished, joined, live_run, request, zero_scores


async def finish(engine: AsyncEngine, run: NewRun) -> int:
    """Finish as the activity does; return the number of attempts."""
    scoring = Scoring(engine)
    for tries in range(1, 100):
        await scoring.score_run(run.id, 0, zero_scores)
        ranks = standings(await scoring.totals(run.id))
        if await scoring.finish(finished(run), ranks, NOW):
            return tries
    raise AssertionError("never finished")


async def test_the_final_ranks_are_stored(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 4)
    await Answers(engine).record_batch(
        [
            answer_of(run, player, answer=answer)
            for player, answer in zip(players, (1, 0, 0, 1), strict=True)
        ]
    )
    assert await finish(engine, run) == 1
    stored = await Players(engine).many([player.id for player in players])
    assert [stored[player.id].rank for player in players] == [3, 1, 1, 3]
    assert (await Runs(engine).get(run.id)).finished_at == NOW


async def test_finishing_is_idempotent(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    await finish(engine, run)
    assert await Scoring(engine).finish(finished(run), [], NOW + 1)
    assert (await Runs(engine).get(run.id)).finished_at == NOW


async def test_an_unscored_answer_prevents_the_finish(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    (player,) = await joined(engine, run, 1)
    scoring = Scoring(engine)
    ranks = standings(await scoring.totals(run.id))
    await Answers(engine).record_batch([answer_of(run, player)])
    assert not await scoring.finish(finished(run), ranks, NOW)
    assert (await Runs(engine).get(run.id)).finished_at is None


async def test_outdated_ranks_prevent_the_finish(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    outdated = standings(await scoring.totals(run.id))
    await Answers(engine).record_batch([answer_of(run, players[0])])
    await scoring.score_run(run.id, 0, zero_scores)
    assert not await scoring.finish(finished(run), outdated, NOW)
    current = standings(await scoring.totals(run.id))
    await Players(engine).join_batch([request(run, "late")])
    assert not await scoring.finish(finished(run), current, NOW)
    async with engine.connect() as connection:
        ranked = await connection.scalar(
            text("SELECT count(rank) FROM players WHERE run_id = :id"), {"id": run.id}
        )
    assert ranked == 0
    assert await finish(engine, run) == 1


@pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.02, 0.04, 0.08])
async def test_every_answer_acknowledged_around_the_end_is_scored(
    engine: AsyncEngine, delay_s: float
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 300)
    writer = BatchWriter[AnswerRow, Recorded](
        Answers(engine).record_batch, max_batch=12, workers=2, name="answers"
    )
    writer.start()
    recorded: set[str] = set()

    async def write(mine: list[Player]) -> None:
        for start in range(0, len(mine), 4):
            batch = [answer_of(run, player) for player in mine[start : start + 4]]
            submitted = [writer.submit(row) for row in batch]
            outcomes = await asyncio.gather(*submitted, return_exceptions=True)
            for row, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Recorded):
                    recorded.add(row.player_id)
                else:
                    assert isinstance(outcome, QuizrunError)
                    assert outcome.code is ErrorCode.RUN_FINISHED

    async def end() -> None:
        # time: the end comes between other batches each time
        await asyncio.sleep(delay_s)
        await finish(engine, run)

    await asyncio.gather(*(write(players[part::3]) for part in range(3)), end())
    await writer.stop()
    stored = await Players(engine).many([player.id for player in players])
    assert {player.id for player in stored.values() if player.score == 100} == recorded
    assert all(player.rank is not None for player in stored.values())


async def is_blocked(task: asyncio.Future[Any]) -> bool:
    done, _ = await asyncio.wait([task], timeout=0.3)
    return not done


async def test_a_finish_waits_for_answers_in_flight(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1)
    scoring = Scoring(engine)
    ranks = standings(await scoring.totals(run.id))
    async with engine.begin() as writing:
        batch = [answer_of(run, players[0])]
        record = text(answers_module._RECORD.source)
        await writing.execute(record, answers_module._parameters(batch))
        finishing = asyncio.create_task(scoring.finish(finished(run), ranks, NOW))
        assert await is_blocked(finishing)
    assert not await finishing


async def test_answers_wait_for_a_finish_without_delaying_other_runs(
    engine: AsyncEngine,
) -> None:
    run, other = await live_run(engine), await live_run(engine)
    (player,), (elsewhere,) = await joined(engine, run, 1), await joined(engine, other, 1)
    ranks = standings(await Scoring(engine).totals(run.id))
    writer = BatchWriter[AnswerRow, Recorded](Answers(engine).record_batch, name="answers")
    async with engine.begin() as closing:
        assert await finish_in(closing, finished(run), ranks, NOW)
        waiting = writer.submit(answer_of(run, player))
        free = writer.submit(answer_of(other, elsewhere))
        writer.start()  # both are in its first batch
        async with asyncio.timeout(2):
            assert await free == Recorded(1_000, repeated=False)
        assert not waiting.done()
    with pytest.raises(QuizrunError) as refused:
        await waiting
    assert refused.value.code is ErrorCode.RUN_FINISHED
    await writer.stop()


async def test_answers_are_recorded_after_a_finish_that_was_rolled_back(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    (player,) = await joined(engine, run, 1)
    ranks = standings(await Scoring(engine).totals(run.id))
    writer = BatchWriter[AnswerRow, Recorded](Answers(engine).record_batch, name="answers")
    writer.start()
    async with engine.connect() as closing:
        assert await finish_in(closing, finished(run), ranks, NOW)
        waiting = writer.submit(answer_of(run, player))
        assert await is_blocked(waiting)
        await closing.rollback()
    assert await waiting == Recorded(1_000, repeated=False)
    await writer.stop()


async def test_answers_do_not_wait_for_joins_and_snapshots(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1)
    async with engine.begin() as joining:
        await joining.execute(
            text("SELECT 1 FROM runs WHERE id = :id FOR NO KEY UPDATE"), {"id": run.id}
        )
        await joining.execute(
            text("UPDATE runs SET version = version + 1 WHERE id = :id"), {"id": run.id}
        )
        async with asyncio.timeout(2):
            (outcome,) = await Answers(engine).record_batch([answer_of(run, players[0])])
    assert isinstance(outcome, Recorded)
