from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from db.account_deletion import AccountDeletion
from telemetry.clock import now_ms
from tests.gateway.http.conftest import PASSWORD, Api, SignUp, assert_problem, join, reach
from tests.gateway.media.pictures import png

DAY_MS = 86_400_000


async def archive_of(host: httpx.AsyncClient) -> dict[str, Any]:
    response = await host.get("/me/archive")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_an_archive_has_everything_stored(
    api: Api, host: httpx.AsyncClient, quiz_id: str, run_id: str
) -> None:
    await join(api, run_id, "Bob")
    await host.post("/me/api-tokens", json={"name": "Import", "scopes": ["runs:read"]})
    found = await archive_of(host)
    account = json.loads(found["account.json"])
    assert account["email"] == (await host.get("/me")).json()["email"]
    assert "password_hash" not in account
    assert b"argon2" not in b"".join(found.values())
    assert [item["kind"] for item in json.loads(found["activity.json"])] == [
        "api_token_created",
        "signed_in",
    ]
    assert [item["action"] for item in json.loads(found["acts.json"])] == [
        "api_token.create",
        "run.open",
        "quiz.create",
        "account.register",
    ]
    assert json.loads(found[f"quizzes/{quiz_id}.json"])["title"] == "Capitals"
    (player,) = json.loads(found[f"runs/{run_id}/players-1.json"])
    assert player["nickname"] == "Bob"
    assert json.loads(found["passkeys.json"]) == []
    assert json.loads(found["api-tokens.json"])[0]["name"] == "Import"


async def test_archives_are_rate_limited(host: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (await host.get("/me/archive")).status_code == 200
    assert_problem(await host.get("/me/archive"), 429, "too_many_requests")


async def test_a_deletion_can_be_undone_until_it_is_due(api: Api, host: httpx.AsyncClient) -> None:
    wrong = await host.post("/me/deletion", json={"password": "not this one"})
    assert_problem(wrong, 401, "credentials_invalid")
    planned = (await host.post("/me/deletion", json={"password": PASSWORD})).json()["delete_at"]
    assert 13 * DAY_MS < planned - now_ms() <= 14 * DAY_MS
    again = await host.post("/me/deletion", json={"password": PASSWORD})
    assert again.json() == {"delete_at": planned}
    assert (await host.delete("/me/deletion")).status_code == 204
    assert (await host.get("/me/deletion")).json() == {"delete_at": None}
    await AccountDeletion(api.engine).delete_due(planned + 1)
    assert (await host.get("/me")).status_code == 200


async def test_deletion_waits_for_a_live_run_and_then_removes_everything(
    api: Api, host: httpx.AsyncClient, quiz_id: str, run_id: str
) -> None:
    await join(api, run_id, "Bob")
    picture = await host.post("/media", content=png(colour=78))
    assert picture.status_code == 201
    account_id = (await host.get("/me")).json()["id"]
    planned = (await host.post("/me/deletion", json={"password": PASSWORD})).json()["delete_at"]
    deletion = AccountDeletion(api.engine)
    await deletion.delete_due(planned)
    assert (await host.get(f"/quizzes/{quiz_id}")).status_code == 200
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "cancelled")
    await deletion.delete_due(planned)
    assert_problem(await host.get("/me"), 401, "unauthorized")
    async with api.engine.connect() as connection:
        for table, column, value in (
            ("accounts", "id", account_id),
            ("sessions", "account_id", account_id),
            ("account_events", "account_id", account_id),
            ("quizzes", "owner_id", account_id),
            ("quiz_versions", "quiz_id", quiz_id),
            ("runs", "host_id", account_id),
            ("players", "run_id", run_id),
            ("media_owners", "account_id", account_id),
            ("media", "id", picture.json()["url"].removeprefix("/media/")),
        ):
            count = text(f"SELECT count(*) FROM {table} WHERE {column} = :value")
            assert await connection.scalar(count, {"value": value}) == 0, table


async def test_a_quiz_that_others_ran_is_kept_for_their_reports(
    api: Api, sign_up: SignUp, quiz_id: str, host: httpx.AsyncClient, run_id: str
) -> None:
    other = await sign_up()
    other_id = (await other.get("/me")).json()["id"]
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "cancelled")
    async with api.engine.begin() as connection:
        values = {"other": other_id, "run": run_id}
        await connection.execute(
            text("UPDATE runs SET host_id = CAST(:other AS uuid) WHERE id = :run"), values
        )
    planned = (await host.post("/me/deletion", json={"password": PASSWORD})).json()["delete_at"]
    await AccountDeletion(api.engine).delete_due(planned)
    assert (await other.get(f"/runs/{run_id}/results")).status_code == 200
    assert (await other.get("/quizzes")).json()["total"] == 0


@pytest.mark.parametrize("body", [{"password": 7}, {"more": 1}])
async def test_invalid_requests_delete_nothing(
    host: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    assert (await host.post("/me/deletion", json=body)).status_code == 422
    assert (await host.get("/me/deletion")).json() == {"delete_at": None}
