"""Large runs stay fast although PostgreSQL's statistics cover only small ones.

A run's rows are inserted within seconds. For a run that the planner has never seen, it expects one
player and one answer, and plans nested loops.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import Answers, Recorded
from db.players import Player, Players
from db.results import Results
from db.runs import NewRun
from db.scoring import Scoring
from quiz.ranking import standings
from tests.db.make import NOW, answer_of, finished, live_run, request, zero_scores

PLAYERS = 6_000


@pytest.fixture
async def misled(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with statistics of thousands of runs with one player each."""
    run = await live_run(engine)
    async with engine.begin() as connection:
        await connection.execute(
            text("""
                WITH small AS (
                    INSERT INTO runs (id, host_id, quiz_id, quiz_version, title, pin, seed,
                                      settings, phase, version, snapshot, created_at, finished_at)
                    SELECT gen_random_uuid(), host_id, quiz_id, quiz_version, title, pin, seed,
                           settings, 'finished', 1, snapshot, created_at, 1
                    FROM runs, generate_series(1, 5000) WHERE id = :id RETURNING id
                ), player AS (
                    INSERT INTO players (id, run_id, number, nickname, nickname_key, joined_at)
                    SELECT gen_random_uuid(), id, 1, 'Ann', 'ann', 0 FROM small
                    RETURNING id, run_id
                )
                INSERT INTO answers (run_id, question, player_id, answer, elapsed_ms, received_at,
                                     points, bonus, correct, scored_in)
                SELECT run_id, 0, id, '0', 1, 1, 1, 0, true, 0 FROM player
            """),
            {"id": run.id},
        )
        await connection.execute(text("ANALYZE runs, players, answers"))
        for table in ("runs", "players", "answers"):
            await connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
    yield engine
    async with engine.begin() as connection:
        for table in ("runs", "players", "answers"):
            await connection.execute(text(f"ALTER TABLE {table} RESET (autovacuum_enabled)"))


class Stopwatch:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._began = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = now - self._began
        self._began = now


async def join(engine: AsyncEngine, run: NewRun) -> list[Player]:
    for start in range(0, PLAYERS, 500):
        batch = [request(run, f"player {number}") for number in range(start, start + 500)]
        await Players(engine).join_batch(batch)
    return await Players(engine).page(run.id, PLAYERS, 0)


async def test_no_statement_takes_quadratic_time(misled: AsyncEngine) -> None:
    run = await live_run(misled)
    answers, scoring = Answers(misled), Scoring(misled)
    watch = Stopwatch()
    players = await join(misled, run)
    watch.lap("join")
    for question in range(2):
        rows = [answer_of(run, player, question) for player in players]
        for attempt in ("record", "record again"):
            for start in range(0, PLAYERS, 500):
                outcomes = await answers.record_batch(rows[start : start + 500])
                assert all(isinstance(outcome, Recorded) for outcome in outcomes)
            watch.lap(f"{attempt} {question}")
        tally = await scoring.score_run(run.id, question, zero_scores, shards=2)
        assert tally.scored == PLAYERS
        watch.lap(f"score {question}")
        own = await scoring.player_results(run.id, question, [player.id for player in players])
        assert all(result.streak == question + 1 for result in own.values())
        watch.lap(f"player results {question}")
        assert await answers.counts(run.id, question) == [(0, PLAYERS)]
        assert len(await scoring.scored_in(run.id, question)) == PLAYERS
        watch.lap(f"counts {question}")
    await scoring.score_run(run.id, 2, zero_scores)  # nobody answered: all streaks end
    watch.lap("end streaks")
    ranks = standings(await scoring.totals(run.id))
    assert await scoring.finish(finished(run), ranks, NOW)
    watch.lap("finish")
    results = Results(misled)
    standings_page, _ = await results.leaderboard(run.id, 1_000, 3_000)
    reports = await results.players(run.id, standings_page)
    assert [len(report.answers) for report in reports] == [2] * 1_000
    assert len(await results.questions(run.id)) == 2
    assert (await results.leaderboard(run.id, 10, 100))[1] == PLAYERS
    watch.lap("results")
    # Each takes at most a third of a second on an idle machine, and minutes with a bad plan.
    assert {name: lap for name, lap in watch.laps.items() if lap > 10} == {}
