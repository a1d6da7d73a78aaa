"""Old runs are anonymised first and deleted later; others are kept."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import retention
from db.answers import Answers
from db.engine import make_engine, statements
from db.migrate import migrate
from db.results import Results
from db.retention import DAY_MS, Retention, RetentionPeriods
from db.runs import NewRun, Runs
from deploy.local.stack import Servers
from quiz.snapshot import Outcome
from tests.db.make import NOW, answer_of, finished, joined, live_run

AGES_AGO = 100 * DAY_MS


@pytest.fixture
async def engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    """A separate database, because other tests also leave old runs behind."""
    name = f"retention_{uuid.uuid4().hex}"
    url = make_url(servers.database_url).set(database=name).render_as_string(hide_password=False)
    server = make_engine(servers.database_url, name="retention")
    async with statements(server) as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await server.dispose()
    await asyncio.to_thread(migrate, url)
    engine = make_engine(url, name="retention")
    yield engine
    await engine.dispose()


async def finished_run(engine: AsyncEngine, days_ago: int) -> NewRun:
    """A run that ended so many days before `AGES_AGO`, with three players and their answers."""
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    rows = [answer_of(run, one, 0, "what I think") for one in players]
    rows += [answer_of(run, one, 1, 2) for one in players]
    await Answers(engine).record_batch(rows)
    async with engine.begin() as connection:
        values = {"run_id": run.id, "at": NOW - AGES_AGO - days_ago * DAY_MS}
        named = Outcome.of([]).model_copy(update={"players": 3})
        snapshot = finished(run).model_copy(update={"outcome": named})
        await connection.execute(
            text(
                "UPDATE runs SET phase = 'finished', finished_at = :at, "
                "snapshot = CAST(:snapshot AS jsonb) WHERE id = :run_id"
            ),
            values | {"snapshot": snapshot.model_dump_json()},
        )
    return run


async def rows_of(engine: AsyncEngine, run: NewRun) -> dict[str, int]:
    found = {}
    async with engine.connect() as connection:
        for table, column in (("runs", "id"), ("players", "run_id"), ("answers", "run_id")):
            query = text(f"SELECT count(*) FROM {table} WHERE {column} = :run_id")
            found[table] = await connection.scalar(query, {"run_id": run.id}) or 0
    return found


AT_THE_DOOR = [
    text("""
        UPDATE players SET skeleton = 'bob', device_hash = 'd', left_devices = '{e}'
        WHERE run_id = :run_id
    """),
    text("""
        INSERT INTO waiting_players (id, run_id, nickname, nickname_key, skeleton, device_hash,
                                     asked_at, seen_at, declined_at)
        VALUES (:id, :run_id, 'Bob', 'bob', 'bob', 'd', :now, :now, :now)
    """),
    text("""
        INSERT INTO move_codes (player_id, run_id, code_hash, expires_at)
        VALUES (:id, :run_id, CAST(:code AS text), :now)
    """),
    text("""
        INSERT INTO answer_looks (run_id, question, answer_key, shown)
        VALUES (:run_id, 0, 'what i think', false)
    """),
]


async def store_personal_data(engine: AsyncEngine, run: NewRun) -> None:
    """Store all personal data of a run other than names and answers."""
    values = {"run_id": run.id, "id": str(uuid.uuid4()), "code": run.pin, "now": NOW}
    async with engine.begin() as connection:
        for statement in AT_THE_DOOR:
            await connection.execute(statement, values)


async def personal_rows(engine: AsyncEngine, run: NewRun) -> dict[str, int]:
    found = {}
    async with engine.connect() as connection:
        for table in ("waiting_players", "move_codes", "answer_looks"):
            query = text(f"SELECT count(*) FROM {table} WHERE run_id = :run_id")
            found[table] = await connection.scalar(query, {"run_id": run.id}) or 0
        query = text(
            "SELECT count(*) FROM players WHERE run_id = :run_id"
            " AND (skeleton IS NOT NULL OR device_hash IS NOT NULL OR join_key IS NOT NULL"
            " OR left_devices <> '{}')"
        )
        found["players"] = await connection.scalar(query, {"run_id": run.id}) or 0
    return found


async def test_nothing_that_recognises_a_person_is_kept(engine: AsyncEngine) -> None:
    recent, old = [await finished_run(engine, days) for days in (1, 30)]
    for run in (recent, old):
        await store_personal_data(engine, run)
    periods = Retention(engine, RetentionPeriods(anonymise_after_days=10))
    assert (await periods.apply(NOW - AGES_AGO)).anonymised == 1
    kept = {"waiting_players": 1, "move_codes": 1, "answer_looks": 1, "players": 3}
    assert await personal_rows(engine, recent) == kept
    assert await personal_rows(engine, old) == dict.fromkeys(kept, 0)


async def test_names_are_removed_first_and_results_later(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_ROWS", 2)  # more than one batch of everything
    recent, old, ancient = [await finished_run(engine, days) for days in (1, 30, 300)]
    live = await live_run(engine)
    await joined(engine, live, 1)
    now = NOW - AGES_AGO
    kept = Retention(engine, RetentionPeriods())
    assert (await kept.apply(now)).deleted == 0
    periods = Retention(engine, RetentionPeriods(anonymise_after_days=10, delete_after_days=100))
    due = await periods.due(now)
    assert (due.anonymised, due.deleted) == (1, 1)
    before = await Results(engine).leaderboard(old.id, 10)
    done = await periods.apply(now)
    assert (done.anonymised, done.deleted) == (1, 1)
    assert (await periods.due(now)).anonymised == 0
    assert await periods.apply(now) == await kept.apply(now)

    assert await rows_of(engine, ancient) == {"runs": 0, "players": 0, "answers": 0}
    assert await rows_of(engine, old) == {"runs": 1, "players": 3, "answers": 6}
    standings, _ = await Results(engine).leaderboard(old.id, 10)
    assert {one.nickname for one in standings} == {"Player 1", "Player 2", "Player 3"}
    assert [(one.player_id, one.score) for one in standings] == [
        (one.player_id, one.score) for one in before[0]
    ]
    stored = await Runs(engine).snapshot(old.id)
    assert stored is not None
    assert stored.outcome is not None
    assert [one.nickname for one in stored.outcome.leaderboard] == [
        "Player 1",
        "Player 2",
        "Player 3",
    ]
    async with engine.connect() as connection:
        query = text("SELECT DISTINCT answer::text FROM answers WHERE run_id = :run_id ORDER BY 1")
        found = (await connection.execute(query, {"run_id": old.id})).scalars().all()
        assert found == ['""', "2"]
        query = text("SELECT count(*) FROM operator_actions WHERE run_id = :run_id")
        assert await connection.scalar(query, {"run_id": ancient.id}) == 1
    for run in (recent, live):
        standings, _ = await Results(engine).leaderboard(run.id, 10)
        assert standings[0].nickname == "player 1"
