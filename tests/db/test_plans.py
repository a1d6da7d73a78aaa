"""Large runs stay fast although PostgreSQL's statistics cover only small ones.

A run's rows are inserted within seconds. For a run that the planner has never seen, it expects one
player and one answer, and plans nested loops.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import AnswerRow, Answers, Recorded
from db.engine import make_engine
from db.ids import new_id
from db.migrate import migrate
from db.players import Joined, Player, Players
from db.results import Results
from db.runs import NewRun
from db.scoring import Scoring
from deploy.local.stack import Servers
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


@pytest.fixture
async def recording(misled: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """An engine that has made its plan for answers by those statistics."""
    engine = make_engine(misled.url, pool_size=1, name="plans", generic_plans=True)
    run = await live_run(misled)
    (player,) = await Players(misled).join_batch([request(run, "Ann")])
    assert isinstance(player, Joined)
    await Answers(misled, engine).record_batch([answer_of(run, player.player)])
    yield engine
    await engine.dispose()


async def test_no_statement_takes_quadratic_time(
    misled: AsyncEngine, recording: AsyncEngine
) -> None:
    run = await live_run(misled)
    answers, scoring = Answers(misled, recording), Scoring(misled)
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


async def test_a_plan_from_before_anything_was_stored_suits_large_batches(servers: Servers) -> None:
    url = make_url(servers.database_url).set(database="plans")
    server = make_engine(servers.database_url, name="plans")
    async with server.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CREATE DATABASE plans"))
    await server.dispose()
    await asyncio.to_thread(migrate, url.render_as_string(hide_password=False))
    engine = make_engine(url, name="plans")
    recording = make_engine(url, pool_size=1, name="plans", generic_plans=True)
    answers = Answers(engine, recording)
    stranger = AnswerRow(new_id(), 0, new_id(), 0, 0, NOW)
    assert not isinstance((await answers.record_batch([stranger]))[0], Recorded)
    run = await live_run(engine)
    players = await join(engine, run)
    watch = Stopwatch()
    for start in range(0, PLAYERS, 500):
        rows = [answer_of(run, player) for player in players[start : start + 500]]
        assert all(isinstance(one, Recorded) for one in await answers.record_batch(rows))
    watch.lap("record")
    assert watch.laps["record"] < 10
    await engine.dispose()
    await recording.dispose()
