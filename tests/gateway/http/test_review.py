"""A player's review has their stored answers and nothing of later questions."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import text

from db.answers import AnswerRow
from db.retention import Retention, RetentionPeriods
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api, assert_problem, join, reach
from tests.waiting import until_async

LONG_AGO = -(10**15)
LONG_DAYS = 10_000_000
"""For retention, only the run that ended `LONG_AGO` is due, and none that other tests left."""


async def looked_at(anyone: httpx.AsyncClient, token: str) -> dict[str, Any]:
    response = await anyone.get("/review", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    found: dict[str, Any] = response.json()
    return found


async def test_a_player_reviews_their_answers_during_and_after_the_run(
    host: httpx.AsyncClient, anyone: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    ada, bob = await join(api, run_id, "Ada", "Bob")
    token = api.services.sign_in.tokens.sign_player_token(run_id, ada)
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    rows = [AnswerRow(run_id, 0, ada, 1, 600, now_ms()), AnswerRow(run_id, 0, bob, 0, 1, now_ms())]
    await api.services.play.answers.record_batch(rows)
    during = await looked_at(anyone, token)
    assert during["questions"] == []  # its solution is still secret
    await host.post(f"/runs/{run_id}/skip")
    await reach(host, run_id, "reveal")
    (first,) = (await looked_at(anyone, token))["questions"]
    assert first["text"] == "Capital of France?"
    assert (first["answer"], first["solution"], first["correct"]) == (1, [0], False)
    assert (first["earned"], first["elapsed_ms"], first["verdict"]) == (0, 600, "original")
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "finished")
    after = await looked_at(anyone, token)
    assert (after["nickname"], after["score"], after["rank"], after["players"]) == ("Ada", 0, 2, 2)

    wanted = {"question": 0, "verdict": "key", "correct": [1]}
    assert (await host.post(f"/runs/{run_id}/corrections", json=wanted)).status_code == 200
    later = await looked_at(anyone, after["token"])
    assert (later["score"], later["rank"]) == (985, 1)
    (first,) = later["questions"]
    assert (first["verdict"], first["solution"], first["correct"]) == ("key", [1], True)


async def test_the_review_requires_the_players_token_and_ends_with_retention(
    host: httpx.AsyncClient, anyone: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    ada, bob = await join(api, run_id, "Ada", "Bob")
    tokens = api.services.sign_in.tokens
    assert_problem(await anyone.get("/review"), 401, "unauthorized")
    for bad in ("x", "a.b.c", tokens.sign_access_token(ada)):
        response = await anyone.get("/review", headers={"Authorization": f"Bearer {bad}"})
        assert_problem(response, 401, "unauthorized")
    assert_problem(await host.get("/review"), 401, "unauthorized")  # a host is not a player
    await api.services.play.players.kick(run_id, bob, now_ms())
    headers = {"Authorization": f"Bearer {tokens.sign_player_token(run_id, bob)}"}
    assert_problem(await anyone.get("/review", headers=headers), 403, "kicked")

    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "finished")
    token = tokens.sign_review_token(run_id, ada)
    async with api.engine.begin() as connection:
        await connection.execute(
            text("UPDATE runs SET finished_at = :at WHERE id = :id"), {"id": run_id, "at": LONG_AGO}
        )
    retention = Retention(api.engine, RetentionPeriods(anonymise_after_days=LONG_DAYS))

    async def anonymised() -> bool:
        # A run whose row is locked, because its workflow is just ending, is left to the next round.
        await retention.apply(now_ms())
        return bool((await looked_at(anyone, token))["anonymised"])

    await until_async(anonymised)
    assert (await looked_at(anyone, token))["nickname"] == "Player 1"
    await Retention(api.engine, RetentionPeriods(delete_after_days=LONG_DAYS)).apply(now_ms())
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(await anyone.get("/review", headers=headers), 404, "not_found")
