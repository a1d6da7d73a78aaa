"""Co-hosts and teams, joined through invitation links."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from gateway.http.api import http_app
from gateway.http.auth import SAFE_METHODS
from tests.gateway.http.conftest import QUIZ, Api, SignUp, assert_problem, join

OPEN = {"countdown_s": 0, "auto_advance": False}


def token_of(invitation: dict[str, Any]) -> str:
    return str(invitation["url"]).partition("#")[2]


async def invited(
    owner: httpx.AsyncClient, path: str, guest: httpx.AsyncClient, right: str, **more: Any
) -> dict[str, Any]:
    """Invite and accept; return the guest's response."""
    response = await owner.post(f"{path}/invitations", json={"right": right, **more})
    assert response.status_code == 201, response.text
    accepted = await guest.post("/invitations/accept", json={"token": token_of(response.json())})
    assert accepted.status_code == 200, accepted.text
    offer: dict[str, Any] = accepted.json()
    return offer


async def me(client: httpx.AsyncClient) -> dict[str, Any]:
    account: dict[str, Any] = (await client.get("/me")).json()
    return account


async def may(client: httpx.AsyncClient, quiz_id: str) -> dict[str, int]:
    """The statuses of all operations on a quiz."""
    return {
        "read": (await client.get(f"/quizzes/{quiz_id}")).status_code,
        "run": (
            await client.post("/runs", json={"quiz_id": quiz_id, "settings": OPEN})
        ).status_code,
        "edit": (await client.put(f"/quizzes/{quiz_id}", json=QUIZ)).status_code,
    }


@pytest.mark.parametrize(
    ("right", "run", "edit"), [("view", 403, 403), ("control", 201, 403), ("edit", 201, 200)]
)
async def test_a_co_host_of_a_quiz_may_do_what_the_invitation_says(
    sign_up: SignUp,
    host: httpx.AsyncClient,
    quiz_id: str,
    workers: None,
    right: str,
    run: int,
    edit: int,
) -> None:
    guest = await sign_up()
    assert await may(guest, quiz_id) == {"read": 404, "run": 404, "edit": 404}
    offer = await invited(host, f"/quizzes/{quiz_id}", guest, right)
    assert (offer["title"], offer["right"], offer["kind"]) == ("Capitals", right, "quiz")
    assert await may(guest, quiz_id) == {"read": 200, "run": run, "edit": edit}
    (shared,) = (await guest.get("/shared/quizzes")).json()["items"]
    assert (shared["id"], shared["right"], shared["team"]) == (quiz_id, right, None)
    assert_problem(await guest.delete(f"/quizzes/{quiz_id}"), 403, "forbidden")
    refused = await guest.post(f"/quizzes/{quiz_id}/invitations", json={"right": "view"})
    assert_problem(refused, 403, "forbidden")
    removed = await host.delete(f"/quizzes/{quiz_id}/members/{(await me(guest))['id']}")
    assert removed.status_code == 204
    assert await may(guest, quiz_id) == {"read": 404, "run": 404, "edit": 404}


async def test_a_link_makes_one_account_a_co_host(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str
) -> None:
    first, second = await sign_up(), await sign_up()
    response = await host.post(f"/quizzes/{quiz_id}/invitations", json={"right": "edit"})
    body = {"token": token_of(response.json())}
    looked = await second.post("/invitations/look", json=body)
    assert looked.json()["title"] == "Capitals"
    tries = [client.post("/invitations/accept", json=body) for client in (first, second)]
    statuses = sorted(found.status_code for found in await asyncio.gather(*tries))
    assert statuses == [200, 410]
    members = (await host.get(f"/quizzes/{quiz_id}/members")).json()
    assert len(members["members"]) == 1
    assert members["invitations"] == []
    # a lost response: the same account retries
    repeats = [
        (await client.post("/invitations/accept", json=body)).status_code
        for client in (first, second)
    ]
    assert sorted(repeats) == [200, 410]


async def test_an_invitation_can_be_revoked(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str
) -> None:
    guest = await sign_up()
    response = await host.post(f"/quizzes/{quiz_id}/invitations", json={"right": "edit"})
    (pending,) = (await host.get(f"/quizzes/{quiz_id}/members")).json()["invitations"]
    path = f"/quizzes/{quiz_id}/invitations/{pending['id']}"
    assert (await host.delete(path)).status_code == 204
    assert_problem(await host.delete(path), 404, "not_found")
    body = {"token": token_of(response.json())}
    assert_problem(await guest.post("/invitations/accept", json=body), 410, "link_expired")


async def test_a_quiz_is_transferred_to_one_address_only(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str
) -> None:
    heir, thief = await sign_up(), await sign_up()
    without = await host.post(f"/quizzes/{quiz_id}/invitations", json={"right": "owner"})
    assert_problem(without, 422, "payload_invalid")
    email = (await me(heir))["email"].upper()
    response = await host.post(
        f"/quizzes/{quiz_id}/invitations", json={"right": "owner", "email": email}
    )
    body = {"token": token_of(response.json())}
    assert_problem(await thief.post("/invitations/accept", json=body), 403, "forbidden")
    assert (await heir.post("/invitations/accept", json=body)).status_code == 200
    assert (await heir.get("/quizzes")).json()["total"] == 1
    assert (await host.get("/quizzes")).json()["total"] == 0
    (member,) = (await heir.get(f"/quizzes/{quiz_id}/members")).json()["members"]
    assert (member["account_id"], member["right"]) == ((await me(host))["id"], "edit")
    assert_problem(await host.delete(f"/quizzes/{quiz_id}"), 403, "forbidden")


async def test_a_co_host_of_a_run_controls_only_that_run(
    api: Api, sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str, run_id: str
) -> None:
    guest = await sign_up()
    assert_problem(await guest.get(f"/runs/{run_id}"), 403, "forbidden")
    await invited(host, f"/runs/{run_id}", guest, "control")
    await join(api, run_id, "Bob")
    assert (await guest.post(f"/runs/{run_id}/lock")).json()["locked"]
    assert (await guest.get(f"/runs/{run_id}/players")).json()["total"] == 1
    assert_problem(await guest.get(f"/quizzes/{quiz_id}"), 404, "not_found")
    (shared,) = (await guest.get("/shared/runs")).json()["items"]
    assert (shared["id"], shared["right"]) == (run_id, "control")
    left = await guest.delete(f"/runs/{run_id}/members/{(await me(guest))['id']}")
    assert left.status_code == 204
    assert_problem(await guest.get(f"/runs/{run_id}"), 403, "forbidden")


async def test_viewers_of_a_run_cannot_change_it(
    api: Api, sign_up: SignUp, host: httpx.AsyncClient, run_id: str
) -> None:
    guest = await sign_up()
    await invited(host, f"/runs/{run_id}", guest, "view")
    (player_id,) = await join(api, run_id, "Bob")
    assert (await guest.get(f"/runs/{run_id}")).status_code == 200
    values = {"run_id": run_id, "player_id": player_id, "question": "0", "verdict": "show"}
    bodies: dict[str, Any] = {
        "extra-time": {"percent": 150},
        "show": {"answers": []},
        "corrections": {"question": 0, "verdict": "void"},
        "invitations": {"right": "view"},
        "settings": {"reading_s": 0},
        "admit": {},
        "decline": {"player_ids": []},
    }
    tried = 0
    for path, method in _changing_routes(api):
        if not path.startswith("/runs/{run_id}/"):
            continue
        filled = path.format(**({"account_id": "x", "invitation_id": "x"} | values))
        response = await guest.request(
            method, filled, json=bodies.get(filled.rpartition("/")[2], {})
        )
        assert response.status_code == 403, (method, filled, response.text)
        tried += 1
    assert tried >= 15


def _changing_routes(api: Api) -> list[tuple[str, str]]:
    document = http_app(api.services.settings, lambda: None).openapi()  # type: ignore[arg-type,return-value]
    return [
        (path.removeprefix("/api/v1"), method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method.upper() not in SAFE_METHODS
    ]


async def test_a_team_shares_a_library(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str, workers: None
) -> None:
    guest, stranger = await sign_up(), await sign_up()
    team = (await host.post("/teams", json={"name": "Maths"})).json()
    path = f"/teams/{team['id']}"
    await invited(host, path, guest, "edit")
    put = await host.put(
        f"/quizzes/{quiz_id}/team", json={"team_id": team["id"], "right": "control"}
    )
    assert put.status_code == 204
    library = f"/quizzes/{quiz_id}/team"
    entry = {"team_id": team["id"], "name": "Maths", "right": "control"}
    assert (await host.get(library)).json() == entry
    assert_problem(await guest.get(library), 403, "forbidden")
    assert await may(guest, quiz_id) == {"read": 200, "run": 201, "edit": 403}
    (shared,) = (await guest.get("/shared/quizzes")).json()["items"]
    assert (shared["team"], shared["right"]) == ("Maths", "control")
    assert_problem(await stranger.get(f"{path}/members"), 404, "not_found")
    assert_problem(await guest.delete(path), 403, "forbidden")
    (listed,) = (await guest.get("/teams")).json()["teams"]
    assert (listed["name"], listed["right"], listed["members"]) == ("Maths", "edit", 2)
    own = (await me(host))["id"]
    assert_problem(await host.delete(f"{path}/members/{own}"), 409, "command_not_allowed")
    assert (await host.delete(path)).status_code == 204
    assert (await host.get(library)).json() is None
    assert await may(guest, quiz_id) == {"read": 404, "run": 404, "edit": 404}


async def test_only_members_put_their_own_quizzes_into_a_library(
    sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str
) -> None:
    guest = await sign_up()
    team = (await guest.post("/teams", json={"name": "Maths"})).json()
    body = {"team_id": team["id"], "right": "edit"}
    assert_problem(await host.put(f"/quizzes/{quiz_id}/team", json=body), 404, "not_found")
    assert_problem(await guest.put(f"/quizzes/{quiz_id}/team", json=body), 404, "not_found")
