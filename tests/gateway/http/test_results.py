from __future__ import annotations

import httpx

from db.answers import AnswerRow
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api, assert_problem, join, reach


async def play_first_question(host: httpx.AsyncClient, api: Api, run_id: str) -> list[str]:
    players = await join(api, run_id, "Ada", "Bob", "Cy")
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    ada, bob, _ = players
    rows = [
        AnswerRow(run_id, 0, ada, 0, 400, now_ms()),
        AnswerRow(run_id, 0, bob, 1, 600, now_ms()),
    ]
    await api.services.answers.record_batch(rows)
    assert (await host.post(f"/runs/{run_id}/skip")).json()["phase"] == "reveal"
    return players


async def test_the_leaderboard_follows_the_answers(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    players = await join(api, run_id, "Zoe")
    before = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert [line["score"] for line in before["items"]] == [0]
    players += await play_first_question(host, api, run_id)
    board = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert board["total"] == 4
    lines = [(line["rank"], line["nickname"], line["score"]) for line in board["items"]]
    assert lines == [(1, "Ada", 1000), (2, "Zoe", 0), (2, "Bob", 0), (2, "Cy", 0)]
    page = (await host.get(f"/runs/{run_id}/leaderboard?limit=2&offset=2")).json()
    assert page["items"] == board["items"][2:]
    await join(api, run_id, "Late")
    late = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert late["total"] == len(late["items"]) == 5


async def test_results_say_who_answered_what_and_how_each_question_went(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await play_first_question(host, api, run_id)
    response = await host.get(f"/runs/{run_id}/results")
    assert response.status_code == 200
    results = response.json()
    assert results["run"]["run_id"] == run_id
    first, second, third = results["questions"]
    assert first["text"] == "Capital of France?"
    assert first["solution"] == [0]
    assert first["distribution"] == [1, 1]
    assert (first["answered"], first["correct"], first["mean_elapsed_ms"]) == (2, 1, 500)
    assert (second["answered"], second["mean_elapsed_ms"]) == (0, None)
    assert [third["options"][pick] for pick in third["solution"]] == ["Malta", "Austria", "Chile"]
    ada, bob, cy = results["players"]
    assert (ada["rank"], ada["nickname"], ada["score"]) == (1, "Ada", 1000)
    assert ada["answers"] == [
        {"question": 0, "answer": 0, "elapsed_ms": 400, "points": 1000, "correct": True}
    ]
    assert not bob["answers"][0]["correct"]
    assert (cy["nickname"], cy["answers"]) == ("Cy", [])


async def test_results_of_a_large_room_are_complete(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await join(api, run_id, *(f"player {number}" for number in range(1_200)))
    players = (await host.get(f"/runs/{run_id}/results")).json()["players"]
    assert len({player["player_id"] for player in players}) == 1_200


async def test_results_of_an_empty_run_are_empty(host: httpx.AsyncClient, run_id: str) -> None:
    results = (await host.get(f"/runs/{run_id}/results")).json()
    assert results["players"] == []
    assert [question["answered"] for question in results["questions"]] == [0, 0, 0]


async def test_other_formats_are_refused_for_now(host: httpx.AsyncClient, run_id: str) -> None:
    response = await host.get(f"/runs/{run_id}/results?format=csv")
    assert_problem(response, 422, "payload_invalid")
