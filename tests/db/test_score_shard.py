from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db import score_shard as score_shard_module
from db.direct import Statement, Transaction, in_transaction
from db.runs import NewRun
from db.score_shard import ShardCounts, ShardJob, score_shard
from db.scoring import Scoring
from quiz.scoring import ScoreCounts
from quiz.streaks import StreakRules
from tests.db.make import joined, live_run, zero_scores
from tests.db.test_scoring import assert_totals_are_the_sum_of_answers, record, scores_and_streaks
from tests.waiting import until_blocked


def job_of(run: NewRun, *, shard: int = 0, shards: int = 1) -> ShardJob:
    return ShardJob(run.id, 0, 0, shard, shards, zero_scores, StreakRules())


async def test_scorers_of_different_shard_counts_take_turns(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 32)

    async def score_while_another_starts(first: Transaction) -> asyncio.Task[ScoreCounts]:
        assert await score_shard(first, job_of(run, shard=1, shards=4)) == ShardCounts()
        await record(engine, run, players, 0, "0" * 32)
        second = asyncio.create_task(Scoring(engine).score_run(run.id, 0, zero_scores, shards=3))
        await until_blocked(engine)
        return second

    second = await in_transaction(engine, score_while_another_starts)
    assert (await second).scored == 32
    await assert_totals_are_the_sum_of_answers(engine, run)


async def test_points_are_added_once_even_without_the_locks(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_shard_module, "_LOCK_LANES", Statement("SELECT 1"))
    run = await live_run(engine)
    players = await joined(engine, run, 32)
    await record(engine, run, players, 0, "0" * 32)

    async def score_while_another_starts(first: Transaction) -> asyncio.Task[ScoreCounts]:
        assert await score_shard(first, job_of(run, shards=16)) == ShardCounts(scored=2, answered=2)
        second = asyncio.create_task(Scoring(engine).score_run(run.id, 0, zero_scores))
        await until_blocked(engine)  # it has read the rows as unscored
        return second

    second = await in_transaction(engine, score_while_another_starts)
    assert (await second).scored == 30
    assert {score for score, _ in await scores_and_streaks(engine, run)} == {100}
    await assert_totals_are_the_sum_of_answers(engine, run)
