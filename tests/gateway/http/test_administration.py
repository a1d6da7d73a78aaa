"""What only accounts with the role `admin` may do."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from tests.gateway.http.conftest import PASSWORD, Api, MakeApi, SignUp, assert_problem, registration


async def me(client: httpx.AsyncClient) -> dict[str, str]:
    account: dict[str, str] = (await client.get("/me")).json()
    return account


@pytest.fixture
async def admin(api: Api, sign_up: SignUp) -> httpx.AsyncClient:
    client = await sign_up()
    async with api.engine.begin() as connection:
        await connection.execute(
            text("UPDATE accounts SET role = 'admin' WHERE id = :id"),
            {"id": (await me(client))["id"]},
        )
    return client


@pytest.mark.parametrize("path", ["accounts", "accounts/x/events", "actions", "settings"])
async def test_hosts_cannot_read_accounts(host: httpx.AsyncClient, path: str) -> None:
    assert_problem(await host.get(f"/admin/{path}"), 403, "forbidden")


async def test_hosts_cannot_change_accounts(host: httpx.AsyncClient) -> None:
    own = (await me(host))["id"]
    refused = await host.patch(f"/admin/accounts/{own}", json={"role": "admin"})
    assert_problem(refused, 403, "forbidden")
    assert_problem(await host.delete(f"/admin/accounts/{own}/sessions"), 403, "forbidden")


async def test_an_admin_finds_and_disables_an_account(
    admin: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    account = registration()
    signed_up = (await anyone.post("/auth/register", json=account)).json()
    token = {"Authorization": f"Bearer {signed_up['access_token']}"}
    found = (await admin.get("/admin/accounts", params={"search": account["email"].upper()})).json()
    (line,) = found["items"]
    assert (line["id"], line["role"], line["disabled_at"]) == (
        signed_up["user"]["id"],
        "host",
        None,
    )
    locked = await admin.patch(f"/admin/accounts/{line['id']}", json={"disabled": True})
    assert locked.json()["disabled_at"] is not None
    assert_problem(await anyone.get("/me"), 401, "unauthorized")
    credentials = {"email": account["email"], "password": PASSWORD}
    assert_problem(await anyone.post("/auth/login", json=credentials), 401, "credentials_invalid")
    anyone.cookies.clear()
    assert_problem(await anyone.get("/me", headers=token), 401, "unauthorized")
    await admin.patch(f"/admin/accounts/{line['id']}", json={"disabled": False})
    assert (await anyone.post("/auth/login", json=credentials)).status_code == 200
    events = (await admin.get(f"/admin/accounts/{line['id']}/events")).json()["events"]
    assert [event["kind"] for event in events] == [
        "signed_in",
        "changed_by_admin",
        "changed_by_admin",
        "signed_in",
    ]
    actions = (await admin.get("/admin/actions")).json()
    assert actions[0]["details"] == {"account_id": line["id"], "disabled": False}
    assert actions[0]["operator"] == (await me(admin))["email"]


async def test_an_admin_signs_a_user_out(
    admin: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    user = (await anyone.post("/auth/register", json=registration())).json()["user"]
    assert (await admin.delete(f"/admin/accounts/{user['id']}/sessions")).status_code == 204
    assert_problem(await anyone.get("/me"), 401, "unauthorized")


async def test_admins_cannot_change_themselves(admin: httpx.AsyncClient) -> None:
    own = (await me(admin))["id"]
    refused = await admin.patch(f"/admin/accounts/{own}", json={"role": "host"})
    assert_problem(refused, 409, "command_not_allowed")
    unknown = await admin.patch("/admin/accounts/nobody", json={"role": "host"})
    assert_problem(unknown, 404, "not_found")


async def test_settings_are_shown_without_secrets(api: Api, admin: httpx.AsyncClient) -> None:
    response = await admin.get("/admin/settings")
    settings = response.json()
    assert settings["http_port"] == 8000
    assert settings["secret"] == settings["database_url"] == "set, not shown"
    secret = api.services.settings.secret.get_secret_value()
    assert secret not in response.text


async def test_a_signed_in_admin_opens_the_operators_page_without_the_token(
    make_api: MakeApi,
) -> None:
    async with (
        make_api(admin_token="0123456789abcdef") as api,
        httpx.AsyncClient(base_url=api.url) as browser,
    ):
        account = registration()
        await browser.post("/api/v1/auth/register", json=account)
        assert (await browser.get("/admin")).status_code == 401
        async with api.engine.begin() as connection:
            await connection.execute(
                text("UPDATE accounts SET role = 'admin' WHERE email = :email"),
                {"email": account["email"]},
            )
        assert (await browser.get("/admin")).status_code == 200


async def test_an_admin_removes_lost_second_factors(
    admin: httpx.AsyncClient, anyone: httpx.AsyncClient, api: Api
) -> None:
    account = registration()
    user = (await anyone.post("/auth/register", json=account)).json()["user"]
    async with api.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO totp (account_id, sealed, last_step, created_at)"
                " VALUES (:id, 'lost', 0, 0)"
            ),
            {"id": user["id"]},
        )
    credentials = {"email": account["email"], "password": PASSWORD}
    refused = await anyone.post("/auth/login", json=credentials)
    assert_problem(refused, 401, "second_factor_required")
    path = f"/admin/accounts/{user['id']}/factors"
    assert (await admin.delete(path)).status_code == 204
    assert (await anyone.post("/auth/login", json=credentials)).status_code == 200
    assert_problem(await admin.delete("/admin/accounts/nobody/factors"), 404, "not_found")
    assert_problem(await anyone.delete(path), 403, "forbidden")
