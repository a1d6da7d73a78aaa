"""Moderation of players and typed answers, and moves to another device, over HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from db.answers import AnswerRow
from db.ids import new_id
from db.players import JoinRequest
from gateway.http.moving import CODES_PER_PLAYER, GUESSES_PER_ADDRESS
from quiz.generated_names import is_generated
from quiz.nickname import nickname_key
from quiz.skeleton import skeleton
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api, SignUp, assert_problem, join, reach

ADDRESS = "127.0.0.9"
NOBODY = "00000000-0000-0000-0000-000000000000"
WHALE = {
    "type": "text",
    "text": "The heaviest animal?",
    "correct": {"accepted": ["Blue whale"]},
    "time_limit_s": 60,
}


async def open_run(host: httpx.AsyncClient, **settings: Any) -> dict[str, Any]:
    quiz = {"title": "Whales", "language": "en", "questions": [WHALE]}
    quiz_id = (await host.post("/quizzes", json=quiz)).json()["id"]
    chosen = {"countdown_s": 0, "auto_advance": False, **settings}
    opened = await host.post("/runs", json={"quiz_id": quiz_id, "settings": chosen})
    assert opened.status_code == 201, opened.text
    found: dict[str, Any] = opened.json()
    return found


async def ask_in(api: Api, run_id: str, nickname: str) -> str:
    """Join as a socket would; return the error code, if any."""
    request = JoinRequest(
        run_id,
        str(uuid4()),
        nickname,
        nickname_key(nickname),
        f"key of {nickname}",
        now_ms(),
        skeleton=skeleton(nickname),
    )
    (outcome,) = await api.services.play.players.join_batch([request])
    return str(getattr(outcome, "code", ""))


@pytest.fixture
async def elsewhere(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client with its own address, whose limits no other test uses up."""
    transport = httpx.AsyncHTTPTransport(local_address=ADDRESS)
    url = f"{api.url}/api/v1"
    async with httpx.AsyncClient(base_url=url, timeout=30, transport=transport) as client:
        yield client


async def test_a_removal_is_listed_and_undone(
    host: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    ann, bob = await join(api, run_id, "Ann", "Bob")
    await host.post(f"/runs/{run_id}/players/{bob}/kick")
    removed = (await host.get(f"/runs/{run_id}/removed")).json()
    assert removed["total"] == 1
    (line,) = removed["items"]
    assert (line["player_id"], line["nickname"], line["played"]) == (bob, "Bob", True)
    for _ in range(2):  # idempotent
        back = await host.post(f"/runs/{run_id}/players/{bob}/let-back")
        assert (back.status_code, back.json()) == (200, {"player_id": bob})
    assert (await host.get(f"/runs/{run_id}/removed")).json()["total"] == 0
    listed = (await host.get(f"/runs/{run_id}/players")).json()["items"]
    assert {one["player_id"] for one in listed} == {ann, bob}
    missing = await host.post(f"/runs/{run_id}/players/{NOBODY}/let-back")
    assert_problem(missing, 404, "not_found")


async def test_waiting_players_are_admitted_or_declined(
    host: httpx.AsyncClient, api: Api, workers: None
) -> None:
    run_id = (await open_run(host, approve_players=True))["run_id"]
    for name in ("Ann", "Bob"):
        assert await ask_in(api, run_id, name) == "waiting_for_host"
    waiting = (await host.get(f"/runs/{run_id}/waiting")).json()
    assert [one["nickname"] for one in waiting["items"]] == ["Ann", "Bob"]
    ann, bob = (one["player_id"] for one in waiting["items"])
    admitted = await host.post(f"/runs/{run_id}/waiting/admit", json={"player_ids": [ann]})
    assert admitted.json() == {"admitted": 1}
    assert await ask_in(api, run_id, "Ann") == ""
    assert (await host.post(f"/runs/{run_id}/waiting/{bob}/decline")).status_code == 200
    assert await ask_in(api, run_id, "BOB") == "kicked"
    assert (await host.get(f"/runs/{run_id}/waiting")).json() == {"items": [], "total": 0}
    refused = await host.post(f"/runs/{run_id}/waiting/{NOBODY}/decline")
    assert_problem(refused, 404, "not_found")
    unknown = await host.post(f"/runs/{run_id}/waiting/admit", json={"players": []})
    assert_problem(unknown, 422, "payload_invalid")


async def test_the_host_shows_or_hides_typed_answers(
    host: httpx.AsyncClient, api: Api, workers: None
) -> None:
    run_id = (await open_run(host, moderate_answers=True))["run_id"]
    ann, bob = await join(api, run_id, "Ann", "Bob")
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    given = [(ann, "Elephant"), (bob, "blue WHALE")]
    rows = [AnswerRow(run_id, 0, player, text, 400, now_ms()) for player, text in given]
    await api.services.play.answers.record_batch(rows)

    def shown(response: httpx.Response) -> dict[str, bool | None]:
        assert response.status_code == 200, response.text
        return {one["answer"]: one["shown"] for one in response.json()["items"]}

    answers = f"/runs/{run_id}/questions/0/answers"
    elephant, whale = sorted(shown(await host.get(answers)), key=str.casefold, reverse=True)
    assert shown(await host.get(answers)) == {elephant: None, whale: None}
    looked = await host.post(f"{answers}/show", json={"answers": [elephant]})
    assert shown(looked) == {elephant: True, whale: None}
    looked = await host.post(f"{answers}/hide", json={"answers": [elephant]})
    assert shown(looked) == {elephant: False, whale: None}
    for path in (f"/runs/{run_id}/questions/7/answers", f"/runs/{NOBODY}/questions/0/answers"):
        assert_problem(await host.get(path), 404, "not_found")
    assert_problem(await host.post(f"{answers}/eat", json={"answers": []}), 422, "payload_invalid")


async def test_only_the_host_moderates(
    sign_up: SignUp, anyone: httpx.AsyncClient, run_id: str
) -> None:
    other = await sign_up()
    for method, path in (
        ("GET", "removed"),
        ("GET", "waiting"),
        ("POST", f"players/{NOBODY}/let-back"),
        ("POST", "waiting/admit"),
        ("POST", f"waiting/{NOBODY}/decline"),
        ("GET", "questions/0/answers"),
        ("POST", "questions/0/answers/show"),
    ):
        posted: dict[str, list[str]] = {"answers": []} if path.endswith("show") else {}
        body = posted if method == "POST" else None
        url = f"/runs/{run_id}/{path}"
        assert_problem(await other.request(method, url, json=body), 403, "forbidden")
        assert_problem(await anyone.request(method, url, json=body), 401, "unauthorized")


async def test_the_lookup_has_name_policy_and_approval(
    host: httpx.AsyncClient, anyone: httpx.AsyncClient, workers: None
) -> None:
    opened = await open_run(host, approve_players=True, names="generated")
    way = (await anyone.get(f"/join/{opened['pin']}")).json()
    assert (way["title"], way["language"]) == ("Whales", "en")
    assert (way["approve_players"], way["names"]) == (True, "generated")
    assert len(way["suggestions"]) > 1
    assert len(way["suggestions"]) == len(set(way["suggestions"]))
    assert way["ideas"] is None
    chosen = await open_run(host)
    way = (await anyone.get(f"/join/{chosen['pin']}")).json()
    assert way["suggestions"] == []
    assert all(is_generated(name, "en") for name in way["ideas"])
    assert len(way["ideas"]) > 1
    for pin in ("000", "x", "%D9%A1"):
        assert_problem(await anyone.get(f"/join/{pin}"), 404, "pin_unknown")


async def test_a_seat_moves_with_a_one_time_code(
    anyone: httpx.AsyncClient, api: Api, run_id: str
) -> None:
    (ann,) = await join(api, run_id, "Ann")
    tokens = api.services.sign_in.tokens
    signed_in = {"Authorization": f"Bearer {tokens.sign_player_token(run_id, ann, 0)}"}
    place = (await anyone.get("/play/place", headers=signed_in)).json()
    assert (place["run_id"], place["nickname"], place["phase"]) == (run_id, "Ann", "lobby")
    assert_problem(await anyone.get("/play/place"), 401, "unauthorized")

    first, code = [
        (await anyone.post("/play/move-code", headers=signed_in)).json()["code"] for _ in range(2)
    ]
    assert_problem(await anyone.post("/play/move", json={"code": first}), 404, "code_unknown")
    moved = (await anyone.post("/play/move", json={"code": f" {code[:4]} {code[4:]} "})).json()
    assert (moved["player_id"], moved["nickname"]) == (ann, "Ann")
    assert_problem(await anyone.post("/play/move", json={"code": code}), 404, "code_unknown")
    assert_problem(await anyone.get("/play/place", headers=signed_in), 409, "moved")
    fresh = {"Authorization": f"Bearer {moved['token']}"}
    assert (await anyone.get("/play/place", headers=fresh)).status_code == 200

    wanted = [anyone.post("/play/move-code", headers=fresh) for _ in range(CODES_PER_PLAYER)]
    refused = [one for one in await asyncio.gather(*wanted) if one.status_code != 201]
    assert len(refused) == 2  # two were made before the move
    for one in refused:
        assert_problem(one, 429, "too_many_requests")
        assert int(one.headers["retry-after"]) > 0


async def test_guessing_codes_is_rate_limited(elsewhere: httpx.AsyncClient) -> None:
    code = {"code": new_id()[:8]}
    tries = [elsewhere.post("/play/move", json=code) for _ in range(GUESSES_PER_ADDRESS + 2)]
    statuses = [response.status_code for response in await asyncio.gather(*tries)]
    assert (statuses.count(404), statuses.count(429)) == (GUESSES_PER_ADDRESS, 2)


async def test_guessing_pins_is_rate_limited(api: Api, elsewhere: httpx.AsyncClient) -> None:
    most = api.services.settings.pin_guesses_per_address
    guesses = [elsewhere.get(f"/join/{guess}") for guess in range(100, 102 + most)]
    statuses = Counter(response.status_code for response in await asyncio.gather(*guesses))
    assert statuses.keys() == {404, 429}
    assert_problem(await elsewhere.get("/join/1"), 429, "too_many_requests")
