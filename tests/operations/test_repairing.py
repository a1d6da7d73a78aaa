"""The other stores and the workflow are rebuilt from PostgreSQL."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest
from sqlalchemy import text

from bus.tail import last_event
from db.redis import RedisClient, make_redis
from deploy.operations.repairing import Wanted, carry_out
from deploy.operations.wiring import Operations
from gateway.operations.diagnosis import diagnose
from quiz.errors import QuizrunError
from quiz.recovery import VERSION_GAP
from tests.operations.scene import close, diagnosed, play
from tests.system.hosting import Host
from tests.system.system import System

pytestmark = pytest.mark.timeout(300)  # stacks start slowly on a busy machine


async def projected(redis: RedisClient, run_id: str) -> dict[str, object]:
    """A run's data in Redis, without gateways' periodic reports."""
    found: dict[str, object] = {}
    for kind, read in (("state", redis.hgetall), ("names", redis.hgetall)):
        found[kind] = await read(f"quizrun:{{{run_id}}}:{kind}")
    found["board"] = await redis.zrange(f"quizrun:{{{run_id}}}:board", 0, -1, withscores=True)
    return found


async def test_redis_and_the_event_stream_are_rebuilt_from_postgresql(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    run, players = await play(system, host, session, questions=1)
    for player in players:
        assert (await player.answer(0, 0))["ok"]
    await players[0].hears("finished", timeout_s=60)
    redis = make_redis(system.servers.redis_url)
    right = await projected(redis, run.id)
    assert right["board"]
    key = f"quizrun:{{{run.id}}}"
    await redis.hset(f"{key}:state", mapping={"version": 9_999, "snapshot": "{}"})
    await redis.zadd(f"{key}:board", {players[0].player_id: 1})
    await redis.hset(f"{key}:names", "version", 9_999)
    # The embedded broker loses everything at a restart.
    await system.servers.restart("kafka")
    wanted = Wanted(redis=True, events=True)

    would = await carry_out(ops, run.id, wanted, apply=False, operator="ada")
    assert all(line.startswith("Would") for line in would.lines)
    assert await projected(redis, run.id) != right
    done = await carry_out(ops, run.id, wanted, apply=True, operator="ada")
    assert done.lines[0] == "Wrote the snapshot and the leaderboard to Redis."
    assert await projected(redis, run.id) == right
    report = await ops.inspector.report(run.id)
    last = await last_event(system.servers.kafka_bootstrap, run.id)
    assert last is not None
    assert (last.type, last.version) == ("run.finished", report.version)
    assert report.actions[0].action == "repair"
    await redis.aclose()
    await close(players)


async def test_wrong_points_are_found_and_corrected_only_with_apply(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    run, players = await play(system, host, session, questions=1, streak_bonus=True)
    assert (await players[0].answer(0, 0))["ok"]
    assert (await players[1].answer(0, 1))["ok"]
    await players[0].hears("finished", timeout_s=60)
    before = (await run.results())["players"]
    clean = await ops.repair.rescore(run.id)
    assert clean.none
    assert (clean.players, clean.scored) == (2, 2)
    async with ops.engine.begin() as connection:
        values = {"run_id": run.id, "second": players[1].player_id}
        await connection.execute(
            text("UPDATE answers SET points = 7 WHERE run_id = :run_id AND player_id = :second"),
            values,
        )
        await connection.execute(
            text("UPDATE players SET score = 5000, rank = 1 WHERE id = :second"), values
        )
    found = await ops.repair.rescore(run.id)
    assert (found.wrong_answers, found.wrong_totals) == (1, 1)
    assert (found.answers[0].stored, found.answers[0].earned) == (7, 0)
    assert (found.totals[0].stored, found.totals[0].earned) == (5000, 0)
    assert (await run.results())["players"] != before
    outcome = await carry_out(ops, run.id, Wanted(rescore=True), apply=True, operator="ada")
    assert re.search("1 answers and 1 totals corrected", "\n".join(outcome.lines))
    assert (await run.results())["players"] == before
    report = await ops.inspector.report(run.id)
    assert {one.action for one in report.actions} == {"rescore", "repair"}
    assert (await ops.repair.rescore(run.id)).none
    board = await run.leaderboard()
    assert [one["score"] for one in board] == [one["score"] for one in before]
    await close(players)


async def test_a_run_with_a_lost_workflow_is_restarted_and_finishes(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    run, players = await play(system, host, session, questions=2, limit_s=20)
    first = await players[0].answer(0, 0)
    assert first["ok"]
    await ops.inspector._sources.workflows._client.get_workflow_handle(
        f"quiz-run-{run.id}"
    ).terminate("a test")
    before, found = await diagnosed(ops, run.id, "no_workflow")
    assert f"quizrun runs repair {run.id} --workflow" in found.advice
    wanted = Wanted(workflow=True)
    (would,) = (await carry_out(ops, run.id, wanted, apply=False, operator="ada")).lines
    assert would.startswith("Would start a new workflow: question, question 1 of 2, paused")
    await carry_out(ops, run.id, wanted, apply=True, operator="ada")
    report = await ops.inspector.report(run.id)
    assert diagnose(report).cause == "paused"
    assert report.version > before.version + VERSION_GAP
    # A running workflow is only replaced on request, for when Temporal was restored to an earlier
    # time.
    with pytest.raises(QuizrunError, match="--replace"):
        await carry_out(ops, run.id, wanted, apply=True, operator="ada")
    replacing = Wanted(workflow=True, replace=True)
    await carry_out(ops, run.id, replacing, apply=True, operator="ada")
    again, found = await diagnosed(ops, run.id, "paused")
    assert again.version >= report.version + VERSION_GAP
    for player in players:
        # After the gap in versions, the gateway sends everyone a snapshot.
        await player.hears("snapshot", where=lambda it: it["paused"], timeout_s=30)
    await ops.commands.carry_out("ada", run.id, "resume")
    for player in players:
        await player.hears("resumed", timeout_s=30)
    assert await players[0].answer(0, 0) == first  # the stored answer was kept
    assert (await players[1].answer(0, 0))["ok"]
    await asyncio.gather(*(player.sees_question(1, 60) for player in players))
    for player in players:
        assert (await player.answer(1, 0))["ok"]
    await players[0].hears("finished", timeout_s=60)
    assert (await ops.repair.rescore(run.id)).none
    await close(players)
