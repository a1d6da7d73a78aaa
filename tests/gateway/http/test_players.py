from __future__ import annotations

import httpx

from db.presence import PresenceReport, Seating
from tests.gateway.http.conftest import Api, SignUp, assert_problem, join
from tests.gateway.http.test_results import play_first_question

NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_a_host_sees_who_is_in_and_who_is_connected(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    ann, bob, _ = await join(api, run_id, "Ann", "Bob", "Cy")
    presence = api.services.play.presence
    await presence.exchange("gateway", [PresenceReport(run_id, 0, 1, 0, 0)])
    await presence.seat("gateway", [Seating(run_id, frozenset({bob}), None)])
    page = (await host.get(f"/runs/{run_id}/players?limit=2")).json()
    assert page["total"] == 3
    assert page["items"] == [
        {
            "player_id": ann,
            "nickname": "Ann",
            "rank": 1,
            "score": 0,
            "streak": 0,
            "extra_time": 100,
            "connected": False,
        },
        {
            "player_id": bob,
            "nickname": "Bob",
            "rank": 1,
            "score": 0,
            "streak": 0,
            "extra_time": 100,
            "connected": True,
        },
    ]
    found = (await host.get(f"/runs/{run_id}/players?search=c")).json()
    assert [player["nickname"] for player in found["items"]] == ["Cy"]


async def test_a_host_sees_what_one_player_has_answered(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    ada, bob, cy = await play_first_question(host, api, run_id)
    player = (await host.get(f"/runs/{run_id}/players/{ada}")).json()
    assert (player["nickname"], player["rank"], player["score"]) == ("Ada", 1, 1000)
    assert player["answers"] == [
        {
            "question": 0,
            "answer": 0,
            "elapsed_ms": 400,
            "points": 1000,
            "correct": True,
            "extra_time": 100,
        }
    ]
    assert (await host.get(f"/runs/{run_id}/players/{cy}")).json()["answers"] == []
    await host.post(f"/runs/{run_id}/players/{bob}/kick")
    assert_problem(await host.get(f"/runs/{run_id}/players/{bob}"), 404, "not_found")
    listed = (await host.get(f"/runs/{run_id}/players")).json()["items"]
    assert [player["nickname"] for player in listed] == ["Ada", "Cy"]


async def test_without_redis_connected_is_unknown(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    await join(api, run_id, "Ann")
    presence = api.services.play.presence
    presence._resumes_at = float("inf")
    try:
        (player,) = (await host.get(f"/runs/{run_id}/players")).json()["items"]
    finally:
        presence._resumes_at = 0.0
    assert player["connected"] is None


async def test_the_players_of_a_run_are_for_its_host_only(
    sign_up: SignUp, anyone: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    (ann,) = await join(api, run_id, "Ann")
    other = await sign_up()
    for path in ("players", f"players/{ann}", "questions"):
        assert_problem(await other.get(f"/runs/{run_id}/{path}"), 403, "forbidden")
        assert_problem(await anyone.get(f"/runs/{run_id}/{path}"), 401, "unauthorized")
        assert_problem(await other.get(f"/runs/{NOBODY}/{path}"), 404, "not_found")


async def test_an_unknown_player_is_not_found(host: httpx.AsyncClient, run_id: str) -> None:
    for player_id in (NOBODY, "x", "%00"):
        response = await host.get(f"/runs/{run_id}/players/{player_id}")
        assert_problem(response, 404, "not_found")
    refused = await host.get(f"/runs/{run_id}/players?search={'x' * 101}")
    assert_problem(refused, 422, "payload_invalid")


async def test_a_host_gives_one_player_more_time(
    host: httpx.AsyncClient, sign_up: SignUp, api: Api, run_id: str
) -> None:
    ann, bob = await join(api, run_id, "Ann", "Bob")
    path = f"/runs/{run_id}/players/{ann}/extra-time"
    for _ in range(2):  # idempotent
        changed = await host.put(path, json={"percent": 200})
        assert changed.status_code == 200
        assert changed.json() == {"player_id": ann, "percent": 200, "from_question": 0}
    listed = (await host.get(f"/runs/{run_id}/players")).json()["items"]
    assert [player["extra_time"] for player in listed] == [200, 100]
    assert (await host.get(f"/runs/{run_id}/players/{bob}")).json()["extra_time"] == 100
    for percent in (110, None, "200", -1):
        assert_problem(await host.put(path, json={"percent": percent}), 422, "payload_invalid")
    other_host = await sign_up()
    assert_problem(await other_host.put(path, json={"percent": 0}), 403, "forbidden")
    nobody = f"/runs/{run_id}/players/{NOBODY}/extra-time"
    assert_problem(await host.put(nobody, json={"percent": 0}), 404, "not_found")
