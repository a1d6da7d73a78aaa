from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gateway.api_tokens import PREFIX, looks_like_api_token, new_api_token
from telemetry.clock import now_ms
from tests.gateway.http.conftest import QUIZ, Api, SignUp, assert_problem

EVERYTHING = ["quizzes:read", "quizzes:write", "runs:read", "runs:write", "results:read"]


def script(api: Api, token: str) -> httpx.AsyncClient:
    """A client with only the token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30, headers=headers)


async def made(host: httpx.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    body = {"name": "Import", "scopes": list(scopes), **more}
    response = await host.post("/me/api-tokens", json=body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


async def test_a_script_does_what_its_scopes_allow(api: Api, host: httpx.AsyncClient) -> None:
    created = await made(host, "quizzes:read")
    async with script(api, created["token"]) as reader:
        assert (await reader.get("/quizzes")).status_code == 200
        refused = assert_problem(await reader.post("/quizzes", json=QUIZ), 403, "forbidden")
        assert "quizzes:write" in refused["detail"]
        assert_problem(await reader.get("/runs"), 403, "forbidden")
        assert_problem(await reader.get("/access-token"), 403, "forbidden")
    both = await made(host, "quizzes:read", "quizzes:write")
    async with script(api, both["token"]) as writer:
        assert (await writer.post("/quizzes", json=QUIZ)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/me/api-tokens"),
        ("POST", "/me/api-tokens"),
        ("GET", "/me/sessions"),
        ("DELETE", "/me/sessions"),
        ("POST", "/me/password"),
        ("POST", "/me/email"),
        ("PATCH", "/me/profile"),
    ],
)
async def test_api_tokens_cannot_access_the_account_itself(
    api: Api, host: httpx.AsyncClient, method: str, path: str
) -> None:
    created = await made(host, *EVERYTHING)
    async with script(api, created["token"]) as client:
        body: Any = None if method in ("GET", "DELETE") else {}
        response = await client.request(method, path, json=body)
        assert response.status_code in (403, 422)
        valid = {
            "/me/api-tokens": {"name": "x", "scopes": ["runs:read"]},
            "/me/password": {"password": "purple elephant dances"},
            "/me/email": {"email": "a@example.org"},
        }.get(path, {})
        if body is not None:
            response = await client.request(method, path, json=valid)
        assert_problem(response, 403, "forbidden")


async def test_the_token_is_shown_once_and_listed_by_its_last_characters(
    api: Api, host: httpx.AsyncClient
) -> None:
    created = await made(host, "runs:read", expires_in_days=30)
    token = created.pop("token")
    assert token.startswith(PREFIX)
    assert token.endswith(created["hint"])
    assert (await host.get("/me/api-tokens")).json() == {"tokens": [created]}
    async with api.engine.connect() as connection:
        rows = await connection.execute(text("SELECT t::text FROM api_tokens t"))
        assert token not in str(rows.all())
    async with script(api, token) as client:
        await client.get("/runs")
    (listed,) = (await host.get("/me/api-tokens")).json()["tokens"]
    assert now_ms() - 10_000 < listed["last_used_at"] <= now_ms()


async def test_revoked_and_expired_tokens_are_rejected(api: Api, host: httpx.AsyncClient) -> None:
    revoked, expired = await made(host, "runs:read"), await made(host, "runs:read")
    async with script(api, revoked["token"]) as client:
        access = (await client.get("/access-token")).json()["access_token"]
    assert (await host.delete(f"/me/api-tokens/{revoked['id']}")).status_code == 204
    assert_problem(await host.delete(f"/me/api-tokens/{revoked['id']}"), 404, "not_found")
    async with api.engine.begin() as connection:
        await connection.execute(
            text("UPDATE api_tokens SET expires_at = 1 WHERE id = :id"), {"id": expired["id"]}
        )
    for token in (revoked["token"], expired["token"], access, new_api_token(), "qzr_nonsense"):
        async with script(api, token) as client:
            assert_problem(await client.get("/runs"), 401, "unauthorized")
    assert access not in await api.services.sign_in.credentials.living(
        [f"api:{revoked['id']}"], now_ms()
    )


async def test_tokens_of_other_accounts_cannot_be_revoked(sign_up: SignUp) -> None:
    ada, bo = await sign_up(), await sign_up()
    created = await made(ada, "runs:read")
    assert_problem(await bo.delete(f"/me/api-tokens/{created['id']}"), 404, "not_found")
    assert (await bo.get("/me/api-tokens")).json() == {"tokens": []}


async def test_an_access_token_for_sockets_has_the_scopes_of_its_api_token(
    api: Api, host: httpx.AsyncClient
) -> None:
    created = await made(host, "runs:read")
    async with script(api, created["token"]) as client:
        access = (await client.get("/access-token")).json()["access_token"]
    async with script(api, access) as client:
        assert (await client.get("/runs")).status_code == 200
        assert_problem(await client.post("/quizzes", json=QUIZ), 403, "forbidden")


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": ""},
        {"name": "a\nb"},
        {"expires_in_days": 0},
        {"more": 1},
    ],
)
async def test_invalid_token_requests_are_rejected(
    host: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    body = {"name": "x", "scopes": ["runs:read"], **change}
    assert (await host.post("/me/api-tokens", json=body)).status_code == 422


def test_a_mistyped_token_is_recognised_without_a_query() -> None:
    token = new_api_token()
    assert looks_like_api_token(token)
    wrong = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
    assert not looks_like_api_token(wrong)
