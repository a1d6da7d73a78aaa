from __future__ import annotations

import asyncio

import httpx

from db.answers import AnswerRow
from db.receipts import Receipt
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api, SignUp, assert_problem, join, reach


async def play_first_question(host: httpx.AsyncClient, api: Api, run_id: str) -> list[str]:
    """Ada says Paris, Bob says Rome, and the run is over."""
    players = await join(api, run_id, "Ada", "Bob", "Cy")
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    rows = [
        AnswerRow(run_id, 0, player, answer, elapsed, now_ms())
        for player, answer, elapsed in zip(players, (0, 1), (400, 600), strict=False)
    ]
    await api.services.play.answers.record_batch(rows)
    await host.post(f"/runs/{run_id}/skip")
    await reach(host, run_id, "reveal")
    await api.services.play.receipts.add("a gateway", [Receipt(run_id, 0, 2)])
    return players


async def test_a_correction_rescores_everything(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    wanted = {"question": 0, "verdict": "key", "correct": [1]}
    early = await host.post(f"/runs/{run_id}/corrections", json=wanted)
    assert_problem(early, 409, "run_not_over")
    await host.post(f"/runs/{run_id}/end")
    over = await reach(host, run_id, "finished")
    response = await host.post(f"/runs/{run_id}/corrections", json=wanted)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "changed_answers": 2,
        "changed_totals": 2,
        "version": over["version"] + 1,
    }
    again = await host.post(f"/runs/{run_id}/corrections", json=wanted)
    assert (again.json()["changed_answers"], again.json()["version"]) == (0, over["version"] + 1)

    results = (await host.get(f"/runs/{run_id}/results")).json()
    first = results["questions"][0]
    assert (first["solution"], first["verdict"], first["original_solution"]) == ([1], "key", [0])
    assert first["correct"] == 1
    lines = [(one["rank"], one["nickname"], one["score"]) for one in results["players"]]
    assert lines == [(1, "Bob", 985), (2, "Ada", 0), (2, "Cy", 0)]
    board = (await host.get(f"/runs/{run_id}/leaderboard")).json()["items"]
    assert [(one["rank"], one["nickname"], one["score"]) for one in board] == lines
    version = (await host.get(f"/runs/{run_id}")).json()["version"]
    projected = await api.services.play.leaderboard.top(run_id, 1, 0, version=version)
    assert projected is not None
    assert projected[0].nickname == "Bob"
    exported = (await host.get(f"/runs/{run_id}/results?format=csv")).text
    assert "1,Bob,985,Rome,true,985,600" in exported

    (line,) = (await host.get(f"/runs/{run_id}/corrections")).json()["items"]
    assert (line["host"], line["question"], line["changed_answers"]) == ("Ada", 0, 2)
    assert line["before"] == {"verdict": "original", "correct": None}
    assert line["after"] == {"verdict": "key", "correct": [1]}


async def test_invalid_corrections_and_those_by_others_are_rejected(
    host: httpx.AsyncClient, sign_up: SignUp, run_id: str
) -> None:
    stranger = await sign_up()
    path = f"/runs/{run_id}/corrections"
    void = {"question": 0, "verdict": "void"}
    assert_problem(await stranger.post(path, json=void), 403, "forbidden")
    assert_problem(await stranger.get(path), 403, "forbidden")
    assert_problem(await stranger.get(f"/runs/{run_id}/deliveries"), 403, "forbidden")
    for wrong in (
        {"question": 9, "verdict": "void"},
        {"question": 0, "verdict": "maybe"},
        {"question": 0, "verdict": "key", "correct": [7]},
        {"question": 0, "verdict": "key", "correct": {"a": [[]]}},
        {"question": 0, "verdict": "void", "more": 1},
    ):
        assert_problem(await host.post(path, json=wrong), 422, "payload_invalid")


async def test_acknowledged_stored_and_scored_answers_are_counted_separately(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    receipts, path = api.services.play.receipts, f"/runs/{run_id}/deliveries"
    await asyncio.gather(
        receipts.add("a gateway", [Receipt(run_id, 0, 1)]),  # an outdated count
        receipts.add("another", [Receipt(run_id, 1, 1)]),
    )
    (first, second) = (await host.get(path)).json()["items"]
    assert first == {"question": 0, "acknowledged": 2, "stored": 2, "scored": 2}
    assert second == {"question": 1, "acknowledged": 1, "stored": 0, "scored": 0}
