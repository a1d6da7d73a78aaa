from __future__ import annotations

import asyncio
import secrets

import httpx
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import text

from db.hashes import token_hash
from telemetry.clock import now_ms
from tests.gateway.http.conftest import (
    PASSWORD,
    Api,
    MakeApi,
    assert_problem,
    registration,
)


async def test_registering_signs_in_by_token_and_by_cookie(anyone: httpx.AsyncClient) -> None:
    account = registration()
    response = await anyone.post("/auth/register", json=account)
    assert response.status_code == 201
    body = response.json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    assert body["user"]["email"] == account["email"]
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("quizrun_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    by_cookie = await anyone.get("/me")
    anyone.cookies.clear()
    by_token = await anyone.get("/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert by_cookie.json() == by_token.json() == body["user"]


async def test_neither_password_nor_session_is_stored_as_such(
    anyone: httpx.AsyncClient, api: Api
) -> None:
    account = registration()
    response = await anyone.post("/auth/register", json=account)
    token = response.cookies["quizrun_session"]
    async with api.engine.connect() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT a.password_hash, s.token_hash FROM accounts a JOIN sessions s"
                    " ON s.account_id = a.id WHERE a.email = :email"
                ),
                {"email": account["email"]},
            )
        ).one()
    assert row.password_hash.startswith("$argon2id$")
    assert token.encode() not in row.token_hash


async def test_login_refresh_and_logout(anyone: httpx.AsyncClient) -> None:
    account = registration()
    await anyone.post("/auth/register", json=account)
    anyone.cookies.clear()
    credentials = {"email": account["email"].upper(), "password": PASSWORD}
    response = await anyone.post("/auth/login", json=credentials)
    assert response.status_code == 200
    refreshed = await anyone.post("/auth/refresh")
    assert refreshed.status_code == 200
    assert refreshed.json()["user"] == response.json()["user"]
    session = anyone.cookies["quizrun_session"]
    logout = await anyone.post("/auth/logout")
    assert logout.status_code == 204
    assert not anyone.cookies
    anyone.cookies["quizrun_session"] = session
    assert_problem(await anyone.post("/auth/refresh"), 401, "unauthorized")
    assert_problem(await anyone.get("/me"), 401, "unauthorized")
    assert (await anyone.post("/auth/logout")).status_code == 204


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    anyone: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[Parameters] = []
    verify = PasswordHasher.verify

    def noted(hasher: PasswordHasher, stored: str, password: str) -> bool:
        compared.append(extract_parameters(stored))
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    account = registration()
    await anyone.post("/auth/register", json=account)
    refusals = []
    for email in (account["email"], "nobody@example.com"):
        response = await anyone.post(
            "/auth/login", json={"email": email, "password": "wrong password"}
        )
        assert_problem(response, 401, "credentials_invalid")
        assert response.headers["www-authenticate"].startswith("Bearer")
        refusals.append(response.json() | {"request_id": ""})
    assert refusals[0] == refusals[1]
    assert len(compared) == 2
    assert compared[0] == compared[1]  # Argon2 is what takes the time


async def test_an_address_has_one_account(anyone: httpx.AsyncClient) -> None:
    account = registration()
    await anyone.post("/auth/register", json=account)
    again = {**account, "email": account["email"].upper()}
    assert_problem(await anyone.post("/auth/register", json=again), 409, "email_taken")


async def test_a_repeated_registration_signs_in_to_the_first_account(
    anyone: httpx.AsyncClient,
) -> None:
    account, key = registration(), {"Idempotency-Key": "once"}
    tries = [anyone.post("/auth/register", json=account, headers=key) for _ in range(3)]
    responses = await asyncio.gather(*tries)
    assert [response.status_code for response in responses] == [201, 201, 201]
    assert len({response.json()["user"]["id"] for response in responses}) == 1
    other = {**account, "password": "another password"}
    assert_problem(await anyone.post("/auth/register", json=other, headers=key), 409, "email_taken")


@pytest.mark.parametrize(
    "change",
    [
        {"email": "nobody"},
        {"email": "a@b"},
        {"email": "a@@example.com"},
        {"email": "a b@example.com"},
        {"email": f"{'a' * 250}@example.com"},
        {"email": "a\u0001@example.com"},
        {"password": "short"},
        {"password": "x" * 129},
        {"display_name": ""},
        {"display_name": "  "},
        {"display_name": "x" * 81},
        {"display_name": "a\u202eb"},
        {"display_name": "\u3164"},
        {"display_name": "A" + "\u0334" * 3},
        {"unknown": "field"},
    ],
)
async def test_an_invalid_registration_is_rejected_by_field(
    anyone: httpx.AsyncClient, change: dict[str, str]
) -> None:
    response = await anyone.post("/auth/register", json=registration(**change))
    problem = assert_problem(response, 422, "payload_invalid")
    assert problem["problems"][0]["field"] in change
    assert PASSWORD not in response.text


@pytest.mark.parametrize("token", [b"x", b"a.b.c", b"null", "é".encode()])
async def test_an_invalid_token_is_unauthorized(anyone: httpx.AsyncClient, token: bytes) -> None:
    response = await anyone.get("/me", headers={b"Authorization": b"Bearer " + token})
    assert_problem(response, 401, "unauthorized")


async def test_a_player_token_is_not_an_access_token(anyone: httpx.AsyncClient, api: Api) -> None:
    token = api.services.sign_in.tokens.sign_player_token("run", "player")
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(await anyone.get("/me", headers=headers), 401, "unauthorized")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://evil.localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_cannot_use_the_cookie(
    anyone: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await anyone.post("/auth/register", json=registration())
    assert_problem(await anyone.post("/quizzes", json={}, headers=headers), 403, "forbidden")
    assert_problem(await anyone.post("/auth/logout", headers=headers), 403, "forbidden")
    assert (await anyone.get("/me", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost:8000"}],
)
async def test_same_site_requests_can_use_the_cookie(
    anyone: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await anyone.post("/auth/register", json=registration())
    assert_problem(await anyone.post("/quizzes", json={}, headers=headers), 422, "quiz_invalid")


async def test_password_guessing_is_rate_limited(make_api: MakeApi) -> None:
    async with (
        make_api(auth_limit_per_email=3, public_url="https://quiz.example") as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1") as client,
    ):
        credentials = {"email": registration()["email"], "password": "wrong password"}
        for _ in range(3):
            response = await client.post("/auth/login", json=credentials)
            assert_problem(response, 401, "credentials_invalid")
        response = await client.post("/auth/login", json=credentials)
        assert assert_problem(response, 429, "too_many_requests")["retryable"]
        assert int(response.headers["retry-after"]) > 0
        secure = await client.post("/auth/register", json=registration())
        assert "Secure" in secure.headers["set-cookie"]
        assert "strict-transport-security" in secure.headers


async def test_repeated_registrations_cannot_be_used_to_guess_passwords(make_api: MakeApi) -> None:
    async with (
        make_api(auth_limit_per_email=3) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1") as client,
    ):
        account = registration()
        await client.post("/auth/register", json=account)
        guess = {**account, "password": "purple elephant dances"}
        for number in range(4):
            response = await client.post(
                "/auth/register", json=guess, headers={"Idempotency-Key": str(number)}
            )
            assert response.status_code == (409 if number < 3 else 429)


async def test_an_address_is_limited_before_its_bodies_are_read(make_api: MakeApi) -> None:
    async with (
        make_api(auth_limit_per_address=1, auth_window_s=600) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1") as client,
    ):
        await client.post("/auth/login", content=b"{")
        for path in ("/auth/login", "/auth/register"):
            response = await client.post(path, content=b"{")
            assert_problem(response, 429, "too_many_requests")


def cookie(client: httpx.AsyncClient) -> str:
    return client.cookies["quizrun_session"]


def with_cookie(api: Api, token: str) -> httpx.AsyncClient:
    cookies = httpx.Cookies()
    cookies.set("quizrun_session", token, domain="127.0.0.1")
    return httpx.AsyncClient(base_url=f"{api.url}/api/v1", cookies=cookies, timeout=30)


async def test_a_renewed_session_outlives_a_lost_response(
    anyone: httpx.AsyncClient, api: Api
) -> None:
    await anyone.post("/auth/register", json=registration())
    first = cookie(anyone)
    for _ in range(3):
        async with with_cookie(api, first) as lost:  # the new cookie is lost with the client
            assert (await lost.post("/auth/refresh")).status_code == 200
    assert (await anyone.post("/auth/refresh")).status_code == 200
    assert cookie(anyone) != first
    assert (await anyone.get("/me")).status_code == 200
    async with with_cookie(api, first) as under_way:
        assert (await under_way.get("/me")).status_code == 200


async def test_tabs_that_renew_concurrently_stay_signed_in(
    anyone: httpx.AsyncClient, api: Api
) -> None:
    await anyone.post("/auth/register", json=registration())
    first = cookie(anyone)
    async with with_cookie(api, first) as one, with_cookie(api, first) as two:
        await asyncio.gather(one.post("/auth/refresh"), two.post("/auth/refresh"))
        for tab in (one, two, one, two):
            assert (await tab.post("/auth/refresh")).status_code == 200


async def test_a_copied_session_token_ends_the_session(anyone: httpx.AsyncClient, api: Api) -> None:
    token = (await anyone.post("/auth/register", json=registration())).json()["access_token"]
    copied = cookie(anyone)
    for _ in range(2):
        assert (await anyone.post("/auth/refresh")).status_code == 200
    async with api.engine.begin() as connection:
        await connection.execute(text("UPDATE sessions SET rotated_at = rotated_at - 61000"))
    async with with_cookie(api, copied) as thief:
        assert_problem(await thief.get("/me"), 401, "unauthorized")
    assert_problem(await anyone.get("/me"), 401, "unauthorized")
    anyone.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert_problem(await anyone.get("/me", headers=bearer), 401, "unauthorized")


async def test_signing_in_again_ends_the_session_of_that_browser(
    anyone: httpx.AsyncClient, api: Api
) -> None:
    account = registration()
    first = (await anyone.post("/auth/register", json=account)).json()["access_token"]
    held = cookie(anyone)
    credentials = {"email": account["email"], "password": PASSWORD}
    browser = {"Sec-Fetch-Site": "same-origin"}
    signed_in = await anyone.post("/auth/login", json=credentials, headers=browser)
    second = signed_in.json()["access_token"]
    assert cookie(anyone) != held
    assert (await anyone.get("/me")).status_code == 200
    async with with_cookie(api, held) as old:
        assert_problem(await old.get("/me"), 401, "unauthorized")
    anyone.cookies.clear()
    for token, status in ((first, 401), (second, 200)):
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await anyone.get("/me", headers=bearer)).status_code == status


async def test_a_script_can_use_the_access_tokens_of_all_its_sessions(
    anyone: httpx.AsyncClient,
) -> None:
    accounts = [await anyone.post("/auth/register", json=registration()) for _ in range(2)]
    anyone.cookies.clear()
    for answer in accounts:
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await anyone.get("/me", headers=bearer)).status_code == 200


async def test_signing_out_ends_access_tokens(anyone: httpx.AsyncClient) -> None:
    token = (await anyone.post("/auth/register", json=registration())).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await anyone.get("/me", headers=bearer)).status_code == 200
    await anyone.post("/auth/logout")
    assert_problem(await anyone.get("/me", headers=bearer), 401, "unauthorized")


async def test_a_session_of_the_previous_release_continues(
    anyone: httpx.AsyncClient, api: Api
) -> None:
    user = (await anyone.post("/auth/register", json=registration())).json()["user"]
    token = secrets.token_urlsafe(32)
    async with api.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO sessions (token_hash, account_id, expires_at, created_at)"
                " VALUES (:hash, :id, :expires, :now)"
            ),
            {
                "hash": token_hash(token),
                "id": user["id"],
                "now": now_ms(),
                "expires": now_ms() + 60_000,
            },
        )
    async with with_cookie(api, token) as old:
        assert (await old.get("/me")).json() == user
        assert (await old.post("/auth/refresh")).status_code == 200
        assert old.cookies["quizrun_session"] != token
        assert (await old.get("/me")).json() == user
