"""`quizrun runs show` explains why a run does not advance."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import aiohttp
import pytest

from deploy.local.child import start_all
from deploy.operations.wiring import Operations
from quiz.errors import QuizrunError
from tests.operations.scene import close, diagnosed, play
from tests.system.hosting import Host
from tests.system.quizzes import quiz, single
from tests.system.system import System

pytestmark = pytest.mark.timeout(300)  # stacks start slowly on a busy machine


def quizrun(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in the environment of a gateway."""
    command = [sys.executable, "-c", "from deploy.cli import main; main()", *arguments]
    env = {**os.environ, **system.gateways[0].spec.env}
    return subprocess.run(
        command, capture_output=True, text=True, env=env, timeout=100, check=False
    )


async def test_waiting_for_the_host_is_distinguished_from_stalling(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    lobby = await host.open_run(quiz(single()))
    run, players = await play(system, host, session, limit_s=30, auto_advance=False)
    assert (await players[0].answers_once_open(0, 0))["ok"]
    report, found = await diagnosed(ops, run.id, "in_time")
    assert (report.question, report.question_count) == (1, 2)
    assert (report.players, report.answered, report.connected) == (2, 1, 2)
    assert report.version == report.redis_version
    assert report.published is not None
    assert report.published.version == report.version
    assert report.workflow is not None
    assert int(report.workflow.details["Version"]) == report.version
    assert report.workers == ["worker-1"]
    assert all(server.ok for server in report.servers)
    assert run.id in str(report.temporal_ui)
    assert "Question 1 of 2 is open" in found.sentence

    await ops.commands.carry_out("ada", run.id, "pause")
    report, found = await diagnosed(ops, run.id, "paused")
    assert found.verdict == "waits"
    assert [(one.operator, one.action, one.outcome) for one in report.actions] == [
        ("ada", "pause", "done")
    ]
    with pytest.raises(QuizrunError, match="already paused"):
        await ops.commands.carry_out("ada", run.id, "pause")
    # A repeat with the same key has no effect.
    state = await ops.commands.carry_out("ada", run.id, "resume", key="once")
    again = await ops.commands.carry_out("ada", run.id, "resume", key="once")
    assert state == again
    assert (await players[1].answer(0, 1))["ok"]  # both have answered, so it closes early
    _, found = await diagnosed(ops, run.id, "host")
    assert "waits for its host's `next`" in found.sentence

    listed = quizrun(system, "runs", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    lines = {one["run_id"]: one for one in json.loads(listed.stdout)}
    assert lines[lobby.id]["diagnosis"]["cause"] == "lobby"
    assert lines[run.id]["phase"] == "reveal"
    shown = quizrun(system, "runs", "show", run.pin)
    assert shown.returncode == 0, shown.stderr
    assert "waits for its host's `next`" in shown.stdout
    assert "worker-1" in shown.stdout
    ended = quizrun(system, "runs", "end", run.id, "--yes", "--by", "grace")
    assert ended.returncode == 0, ended.stderr
    await players[0].hears("finished")
    _, found = await diagnosed(ops, run.id, "over")
    assert await ops.live_runs.resolve("nothing") is None
    assert await ops.live_runs.resolve(run.id[:8]) == run.id
    await ops.commands.carry_out("ada", lobby.id, "end")
    await close(players)


async def test_a_missing_worker_is_diagnosed_and_the_run_continues_with_a_new_one(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    run, players = await play(system, host, session, questions=1)
    (worker,) = system.workers
    await worker.kill()
    report, found = await diagnosed(ops, run.id, "no_worker")
    assert found.verdict == "stalled"
    assert "No worker polls the queue" in found.sentence
    assert report.workflow is not None
    await start_all([worker])
    await players[0].hears("finished", timeout_s=60)
    await close(players)


async def test_a_kafka_outage_is_diagnosed_and_the_run_continues_afterwards(
    system: System, host: Host, session: aiohttp.ClientSession, ops: Operations
) -> None:
    run, players = await play(system, host, session, questions=1)
    kafka = system.servers.children["kafka"]
    kafka.freeze()
    try:
        await diagnosed(ops, run.id, "kafka_away")
    finally:
        kafka.thaw()
    await players[0].hears("finished", timeout_s=60)
    await close(players)
