from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.gateway.http.conftest import Api, assert_problem, join, reach

NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_a_host_leads_a_run_from_lobby_to_end(host: httpx.AsyncClient, run_id: str) -> None:
    started = await host.post(f"/runs/{run_id}/start")
    assert started.status_code == 200
    assert started.json()["phase"] in ("starting", "question")
    run = await reach(host, run_id, "question")
    assert run["question"] == 0
    assert run["closes_at"] - run["opens_at"] == 20_000
    assert run["starts_at"] is None
    paused = (await host.post(f"/runs/{run_id}/pause")).json()
    assert paused["paused"]
    assert 0 < paused["remaining_ms"] <= 21_000
    resumed = (await host.post(f"/runs/{run_id}/resume")).json()
    assert not resumed["paused"]
    assert resumed["paused_ms"] > 0
    skipped = (await host.post(f"/runs/{run_id}/skip")).json()
    assert skipped["phase"] == "reveal"
    assert skipped["version"] > resumed["version"]
    following = (await host.post(f"/runs/{run_id}/next")).json()
    assert (following["phase"], following["question"]) == ("question", 1)
    ended = (await host.post(f"/runs/{run_id}/end")).json()
    assert ended["phase"] == "finished"
    run = await reach(host, run_id, "finished")
    assert run["finished_at"]
    assert_problem(await host.post(f"/runs/{run_id}/start"), 409, "run_finished")


@pytest.mark.parametrize("command", ["resume", "next", "skip"])
async def test_commands_of_another_phase_are_rejected(
    host: httpx.AsyncClient, run_id: str, command: str
) -> None:
    response = await host.post(f"/runs/{run_id}/{command}")
    assert not assert_problem(response, 409, "command_not_allowed")["retryable"]


async def test_starting_a_paused_lobby_resumes_it(host: httpx.AsyncClient, run_id: str) -> None:
    await host.post(f"/runs/{run_id}/pause")
    response = await host.post(f"/runs/{run_id}/start")
    assert response.status_code == 200
    assert not response.json()["paused"]


async def test_a_retryable_error_is_not_stored_for_the_key(
    host: httpx.AsyncClient, run_id: str
) -> None:
    await host.post(f"/runs/{run_id}/pause")
    key = {"Idempotency-Key": "pause"}
    response = await host.post(f"/runs/{run_id}/pause", headers=key)
    assert assert_problem(response, 409, "paused")["retryable"]
    await host.post(f"/runs/{run_id}/resume")
    assert (await host.post(f"/runs/{run_id}/pause", headers=key)).status_code == 200


async def test_a_double_submit_is_executed_once(host: httpx.AsyncClient, run_id: str) -> None:
    key = {"Idempotency-Key": "once"}
    tries = [host.post(f"/runs/{run_id}/start", headers=key) for _ in range(5)]
    responses = await asyncio.gather(*tries)
    done = [response for response in responses if response.status_code == 200]
    assert done
    for response in responses:
        if response.status_code != 200:
            assert_problem(response, 409, "request_in_progress")
    again = await host.post(f"/runs/{run_id}/start", headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == done[0].json()
    assert_problem(await host.post(f"/runs/{run_id}/start"), 409, "command_not_allowed")


async def test_one_key_can_be_used_for_different_commands(
    host: httpx.AsyncClient, run_id: str
) -> None:
    key = {"Idempotency-Key": "same"}
    assert (await host.post(f"/runs/{run_id}/lock", headers=key)).json()["locked"]
    assert not (await host.post(f"/runs/{run_id}/unlock", headers=key)).json()["locked"]
    assert (await host.post(f"/runs/{run_id}/pause", headers=key)).json()["paused"]


async def test_a_kicked_player_is_out(host: httpx.AsyncClient, api: Api, run_id: str) -> None:
    ada, bob = await join(api, run_id, "Ada", "Bob")
    assert (await host.get(f"/runs/{run_id}")).json()["players"] == 2
    assert (await host.post(f"/runs/{run_id}/players/{ada}/kick")).status_code == 200
    player = await api.services.play.players.get(ada)
    assert player
    assert player.kicked
    board = (await host.get(f"/runs/{run_id}/leaderboard")).json()
    assert [line["player_id"] for line in board["items"]] == [bob]
    assert board["total"] == 1


async def test_only_a_player_of_the_run_can_be_kicked(
    host: httpx.AsyncClient, api: Api, run_id: str, quiz_id: str
) -> None:
    other = (await host.post("/runs", json={"quiz_id": quiz_id})).json()["run_id"]
    (stranger,) = await join(api, other, "Eve")
    for player_id in (stranger, NOBODY, "x"):
        response = await host.post(f"/runs/{run_id}/players/{player_id}/kick")
        assert_problem(response, 404, "not_found")


@pytest.mark.parametrize("command", ["start", "end", "lock"])
async def test_a_command_to_an_unknown_run_is_not_found(
    host: httpx.AsyncClient, command: str
) -> None:
    assert_problem(await host.post(f"/runs/{NOBODY}/{command}"), 404, "not_found")
