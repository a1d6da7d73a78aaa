from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import text
from temporalio.client import Client

from db.engine import statements
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from tests.gateway.http.conftest import (
    QUIZ,
    Api,
    MakeApi,
    SignUp,
    assert_problem,
    reach,
    registration,
)
from workflows import contract

NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_a_new_run_is_a_lobby_with_a_pin_and_a_workflow(
    host: httpx.AsyncClient, quiz_id: str, servers: Servers
) -> None:
    response = await host.post("/runs", json={"quiz_id": quiz_id})
    assert response.status_code == 201
    opened = response.json()
    assert len(opened["pin"]) == 6
    assert opened["join_url"] == f"http://localhost:8000/join/{opened['pin']}"
    run = (await host.get(f"/runs/{opened['run_id']}")).json()
    assert run.items() >= opened.items()
    assert run["phase"] == "lobby"
    assert run["version"] == 0
    assert (run["question"], run["question_count"]) == (None, 3)
    assert (run["paused"], run["locked"], run["players"]) == (False, False, 0)
    assert run["settings"]["countdown_s"] == 3
    assert run["settings"]["max_players"] == 20_000
    assert (run["quiz_id"], run["language"]) == (quiz_id, "en")
    client = await Client.connect(servers.temporal_address)
    workflow = client.get_workflow_handle(contract.workflow_id(opened["run_id"]))
    described = await workflow.describe()
    assert described.task_queue == contract.RUN_QUEUE
    assert await described.static_summary() == "Capitals"
    assert opened["pin"] in (await described.static_details() or "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "quiz_id"),
        ({"quiz_id": 1}, "quiz_id"),
        ({"quiz_id": NOBODY, "settings": {"reveal_s": 0}}, "settings.reveal_s"),
        ({"quiz_id": NOBODY, "settings": {"max_players": 10**40}}, "settings.max_players"),
        ({"quiz_id": NOBODY, "settings": {"unknown": 1}}, "settings.unknown"),
        ({"quiz_id": NOBODY, "settings": None}, "settings"),
        ({"quiz_id": NOBODY, "extra": 1}, "extra"),
    ],
)
async def test_an_invalid_run_request_is_rejected_by_field(
    host: httpx.AsyncClient, body: object, field: str
) -> None:
    problem = assert_problem(await host.post("/runs", json=body), 422, "payload_invalid")
    assert problem["problems"][0]["field"] == field


async def test_a_run_requires_ones_own_quiz(sign_up: SignUp, quiz_id: str) -> None:
    other = await sign_up()
    for missing in (quiz_id, NOBODY, "x"):
        assert_problem(await other.post("/runs", json={"quiz_id": missing}), 404, "not_found")


async def test_a_run_is_private_to_its_host(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str
) -> None:
    run_id = (await host.post("/runs", json={"quiz_id": quiz_id})).json()["run_id"]
    other = await sign_up()
    for path in ("", "/leaderboard", "/results"):
        assert_problem(await other.get(f"/runs/{run_id}{path}"), 403, "forbidden")
        assert_problem(await other.get(f"/runs/{NOBODY}{path}"), 404, "not_found")
    assert_problem(await other.post(f"/runs/{run_id}/start"), 403, "forbidden")
    assert_problem(await other.post(f"/runs/{run_id}/players/{NOBODY}/kick"), 403, "forbidden")
    assert (await other.get("/runs")).json()["items"] == []


async def test_runs_are_listed_latest_first(host: httpx.AsyncClient, quiz_id: str) -> None:
    ids = [(await host.post("/runs", json={"quiz_id": quiz_id})).json()["run_id"] for _ in range(3)]
    page = (await host.get("/runs?limit=2")).json()
    assert [run["run_id"] for run in page["items"]] == ids[:0:-1]
    assert page["total"] == 3


async def test_a_host_finds_a_live_run_again(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str, workers: None
) -> None:
    other_quiz = (await host.post("/quizzes", json=QUIZ)).json()["id"]
    live = (await host.post("/runs", json={"quiz_id": quiz_id})).json()
    ended = (await host.post("/runs", json={"quiz_id": other_quiz})).json()
    await host.post(f"/runs/{ended['run_id']}/end")
    await reach(host, ended["run_id"], "cancelled")

    async def found(query: str, by: httpx.AsyncClient = host) -> list[str]:
        page = (await by.get(f"/runs?{query}")).json()
        assert page["total"] == len(page["items"])
        return [run["run_id"] for run in page["items"]]

    for query in ("phase=live", "phase=lobby", f"quiz_id={quiz_id}", f"pin={live['pin']}"):
        assert await found(query) == [live["run_id"]]
    for query in ("phase=over", "phase=cancelled", f"quiz_id={other_quiz}"):
        assert await found(query) == [ended["run_id"]]
    for query in ("phase=question", f"phase=over&pin={live['pin']}", "pin=0", f"quiz_id={NOBODY}"):
        assert await found(query) == []
    assert await found(f"pin={live['pin']}", await sign_up()) == []
    assert_problem(await host.get("/runs?phase=asleep"), 422, "payload_invalid")
    assert_problem(await host.get("/runs?quiz_id=x"), 404, "not_found")


async def test_a_pin_in_use_is_redrawn_and_gets_longer(
    host: httpx.AsyncClient, quiz_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(below: int) -> int:
        return 123_456 if below == 900_000 else next(longest)

    longest = iter(range(100))
    monkeypatch.setattr("secrets.randbelow", draw)
    runs = [(await host.post("/runs", json={"quiz_id": quiz_id})).json() for _ in range(2)]
    assert [run["pin"] for run in runs] == ["223456", "10000000"]


async def test_one_key_opens_one_run(host: httpx.AsyncClient, quiz_id: str) -> None:
    key = {"Idempotency-Key": "open it"}
    tries = [host.post("/runs", json={"quiz_id": quiz_id}, headers=key) for _ in range(10)]
    responses = await asyncio.gather(*tries)
    for refused in (each for each in responses if each.status_code != 201):
        assert_problem(refused, 409, "request_in_progress")
    again = await host.post("/runs", json={"quiz_id": quiz_id}, headers=key)
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    opened = {each.text for each in (*responses, again) if each.status_code == 201}
    assert len(opened) == 1
    assert (await host.get("/runs")).json()["total"] == 1


async def test_a_key_finds_the_run_of_an_attempt_that_crashed(
    host: httpx.AsyncClient, quiz_id: str, api: Api
) -> None:
    key = {"Idempotency-Key": "died"}
    first = await host.post("/runs", json={"quiz_id": quiz_id}, headers=key)
    async with statements(api.engine) as connection:
        await connection.execute(text("DELETE FROM idempotency_keys WHERE key = 'died'"))
    second = await host.post("/runs", json={"quiz_id": quiz_id}, headers=key)
    assert second.json() == first.json()
    assert "idempotency-replayed" not in second.headers


async def test_without_temporal_no_run_is_left_behind(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        make_api(temporal_address="127.0.0.1:1") as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30) as host,
    ):
        await host.post("/auth/register", json=registration())
        quiz_id = (await host.post("/quizzes", json=QUIZ)).json()["id"]
        key = {"Idempotency-Key": "later"}
        response = await host.post("/runs", json={"quiz_id": quiz_id}, headers=key)
        assert assert_problem(response, 503, "unavailable")["retryable"]
        assert int(response.headers["retry-after"]) > 0
        (run,) = (await host.get("/runs")).json()["items"]
        assert run["phase"] == "cancelled"
        assert run["finished_at"]
        assert_problem(await host.post(f"/runs/{run['run_id']}/start"), 503, "unavailable")

        async def start(_: object) -> None:
            return

        monkeypatch.setattr(api.services.hosting.workflows, "start", start)
        response = await host.post("/runs", json={"quiz_id": quiz_id}, headers=key)
        assert response.status_code == 201
        assert response.json()["run_id"] != run["run_id"]


async def test_a_run_without_a_workflow_is_closed_in_every_store_and_frees_its_pin(
    api: Api, host: httpx.AsyncClient, quiz_id: str, servers: Servers
) -> None:
    run_id = (await host.post("/runs", json={"quiz_id": quiz_id})).json()["run_id"]
    client = await Client.connect(servers.temporal_address)
    await client.get_workflow_handle(contract.workflow_id(run_id)).terminate()
    assert_problem(await host.post(f"/runs/{run_id}/start"), 409, "run_finished")
    assert (await host.get(f"/runs/{run_id}")).json()["phase"] == "cancelled"
    projected = await api.services.play.run_states.load(run_id)  # from Redis
    assert projected == await api.services.play.runs.snapshot(run_id)
    assert projected is not None
    assert projected.state.phase is Phase.CANCELLED
    assert projected.outcome is not None


async def test_signals_to_a_missing_run_raise_run_finished(api: Api) -> None:
    with pytest.raises(QuizrunError) as caught:
        await api.services.hosting.workflows.players_joined(NOBODY, 1)
    assert caught.value.code is ErrorCode.RUN_FINISHED
