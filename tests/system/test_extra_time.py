"""A player with double time gets exact points despite crashes."""

from __future__ import annotations

import asyncio

from quiz.scoring import half_up, speed_points
from quiz.window import ANSWER_GRACE_MS
from tests.system.client import until_ms
from tests.system.conftest import Clients
from tests.system.hosting import Host, stored_answers
from tests.system.quizzes import quiz, single
from tests.system.system import System

LIMIT_S = 10
LIMIT_MS = LIMIT_S * 1_000
CRASH_AFTER_MS = 500
REVEAL_S = 60.0


async def test_extra_time_survives_killed_gateways_and_workers_and_scores_exactly(
    system: System, host: Host, clients: Clients
) -> None:
    run = await host.open_run(quiz(single(time_limit_s=LIMIT_S)))
    slow = await (await clients.python(0).connect()).join(run.pin, "Slow")
    quick = await (await clients.python(1).connect()).join(run.pin, "Quick")
    path = f"/runs/{run.id}/players/{slow.player_id}/extra-time"
    changed = await host.call("PUT", path, json={"percent": 200})
    assert (changed["percent"], changed["from_question"]) == (200, 0)
    await slow.hears("extra_time")
    await run.command("start")
    shown = await slow.sees_question(0)
    assert await quick.sees_question(0) == shown  # all players get the same message
    assert shown["closes_at"] == shown["opens_at"] + LIMIT_MS

    await until_ms(shown["opens_at"] + CRASH_AFTER_MS)
    crashes = asyncio.gather(
        system.crash(*system.workers), system.crash(system.gateways[0]), return_exceptions=False
    )
    await until_ms(shown["closes_at"] + ANSWER_GRACE_MS + 50)
    snapshot = await slow.come_back(system.urls[1])
    assert snapshot["phase"] == "question"
    assert snapshot["you"]["extra_time"]["percent"] == 200
    late, refused = await asyncio.gather(slow.answer(0, 0), quick.answer(0, 0))
    assert refused["error"]["code"] == "question_closed"
    assert late["ok"], late
    elapsed_ms = late["elapsed_ms"]
    assert LIMIT_MS < elapsed_ms <= 2 * LIMIT_MS + ANSWER_GRACE_MS

    _, own = await slow.hears("reveal", timeout_s=REVEAL_S)
    points = half_up(speed_points(1_000, LIMIT_MS, elapsed_ms, 200))
    assert (own["correct"], own["points"], own["score"]) == (True, points, points)
    assert points > 500  # the points at the end of the normal time
    _, others = await quick.hears("reveal", timeout_s=REVEAL_S)
    assert (others["correct"], others["points"]) == (False, 0)
    assert "extra" not in str(quick.heard)
    await crashes
    await slow.hears("finished", timeout_s=REVEAL_S)
    stored = await stored_answers(system.servers.database_url, run.id)
    assert stored == {(0, slow.player_id): (0, elapsed_ms)}
