"""Hosts' and admins' acts are recorded once, with what they did and without secrets."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.acting import Acting, by, carrying_out, on
from db.audit import DAY_MS, AuditFilter, AuditLog
from db.ids import new_id
from db.operator_actions import OperatorActions
from gateway.http.acts import ACTS, API, NOT_RECORDED
from gateway.http.recording import REFUSALS_PER_MINUTE, ActRecorder
from quiz.acts import DONE, Act
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms
from tests.gateway.http.conftest import (
    PASSWORD,
    QUIZ,
    Api,
    MakeApi,
    SignUp,
    assert_problem,
    join,
    registration,
)

OPENAPI = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
SAFE = {"get", "head", "options"}


def test_every_operation_that_changes_something_is_an_act_or_says_why_not() -> None:
    operations = {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in json.loads(OPENAPI.read_text())["paths"].items()
        for method in methods
    }
    changing = {one for one in operations if one.split()[0].lower() not in SAFE}
    assert changing <= ACTS.keys() | NOT_RECORDED.keys(), "add these to gateway/http/acts.py"
    assert not ACTS.keys() & NOT_RECORDED.keys()
    assert NOT_RECORDED.keys() <= changing
    pages = {"GET /auth/oidc/{provider}/callback", "POST /admin/runs/{run_id}/{command}"}
    assert ACTS.keys() - pages <= operations
    assert set(ACTS.values()) | {Act.LINK_IDENTITY, Act.OPERATE} == set(Act)


async def acts_of(host: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    response = await host.get("/me/acts", params=query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["acts"]
    return found


async def test_a_hosts_acts_are_listed_with_target_outcome_and_origin(
    host: httpx.AsyncClient, api: Api, run_id: str, quiz_id: str
) -> None:
    (player,) = await join(api, run_id, "Ada")
    assert (await host.post(f"/runs/{run_id}/players/{player}/kick")).status_code == 200
    again = {"Idempotency-Key": "once"}
    for _ in range(2):
        assert (await host.post(f"/runs/{run_id}/end", headers=again)).status_code == 200
    assert_problem(await host.post(f"/runs/{run_id}/start"), 409, "run_finished")
    assert (await host.get(f"/runs/{run_id}/results?format=csv")).status_code == 200
    assert (await host.delete(f"/quizzes/{quiz_id}")).status_code == 204
    found = await acts_of(host)
    assert [(one["action"], one["outcome"], one["target_id"]) for one in found[:-1]] == [
        ("quiz.delete", "done", quiz_id),
        ("run.export", "done", run_id),
        ("run.start", "run_finished", run_id),
        ("run.end", "done", run_id),
        ("run.player_remove", "done", run_id),
        ("run.open", "done", run_id),
        ("quiz.create", "done", quiz_id),
    ]
    assert found[-1]["action"] == "account.register"
    details = {one["action"]: one["details"] for one in found}
    assert details["run.player_remove"] == {"player_id": player}
    assert details["run.open"] == {"quiz_id": quiz_id}
    assert details["run.export"] == {"format": "csv"}
    assert {one["address"] for one in found} == {"127.0.0.1"}
    assert {one["name"] for one in found} == {"Ada"}
    only = await acts_of(host, action="run.end", limit=1)
    assert [one["action"] for one in only] == ["run.end"]
    assert await acts_of(host, before=found[-2]["id"]) == found[-1:]


async def test_failed_sign_ins_are_recorded_for_the_account_that_was_tried(
    sign_up: SignUp, anyone: httpx.AsyncClient
) -> None:
    account = registration()
    registered = await anyone.post("/auth/register", json=account)
    anyone.cookies.clear()
    bearer = {"Authorization": f"Bearer {registered.json()['access_token']}"}
    given = {"email": account["email"], "password": "not this one"}
    assert_problem(await anyone.post("/auth/login", json=given), 401, "credentials_invalid")
    nobody = {"email": "nobody-at-all@example.com", "password": "a secret text"}
    assert_problem(await anyone.post("/auth/login", json=nobody), 401, "credentials_invalid")
    assert (
        await anyone.post("/auth/login", json=given | {"password": PASSWORD})
    ).status_code == 200
    assert (await anyone.post("/auth/logout")).status_code == 204
    listed = (await anyone.get("/me/acts", headers=bearer)).json()["acts"]
    seen = [(one["action"], one["outcome"], one["account_id"] is None) for one in listed]
    assert seen == [
        ("account.sign_out", "done", False),
        ("account.sign_in", "done", False),
        ("account.sign_in", "credentials_invalid", True),
        ("account.register", "done", False),
    ]
    assert listed[2]["address"] == "127.0.0.1"
    assert listed[1]["details"] == {"method": "password"}


async def test_no_secret_and_no_text_of_a_host_is_stored(
    api: Api, anyone: httpx.AsyncClient
) -> None:
    account = registration(display_name="Grace Hopper")
    token = (await anyone.post("/auth/register", json=account)).json()["access_token"]
    body = {"name": "My script", "scopes": ["runs:read"], "password": PASSWORD}
    made = (await anyone.post("/me/api-tokens", json=body)).json()
    await anyone.post("/auth/login", json={"email": PASSWORD, "password": PASSWORD})
    new = {"current": PASSWORD, "password": "purple elephant dances"}
    assert (await anyone.post("/me/password", json=new)).status_code == 204
    async with api.engine.connect() as connection:
        rows = await connection.execute(text("SELECT audit_log::text FROM audit_log"))
        stored = "\n".join(row[0] for row in rows)
    for secret in (PASSWORD, new["password"], token, made["token"], "My script", "Grace"):
        assert secret not in stored
    assert made["id"] in stored
    assert account["email"] not in stored


async def test_the_owner_sees_what_a_co_host_did_but_not_from_where(
    host: httpx.AsyncClient, sign_up: SignUp, quiz_id: str, workers: None
) -> None:
    invited = await host.post(f"/quizzes/{quiz_id}/invitations", json={"right": "edit"})
    token = invited.json()["url"].partition("#")[2]
    other = await sign_up()
    await other.patch("/me/profile", json={"display_name": "Bo"})
    assert (await other.post("/invitations/accept", json={"token": token})).status_code == 200
    assert (await other.put(f"/quizzes/{quiz_id}", json=QUIZ | {"title": "New"})).status_code == 200
    latest = (await acts_of(host))[0]
    assert (latest["action"], latest["name"], latest["address"]) == ("quiz.change", "Bo", None)
    assert (await acts_of(other))[0]["address"] == "127.0.0.1"
    assert [one["action"] for one in (await acts_of(host))[1:3]] == [
        "invitation.accept",
        "invitation.create",
    ]
    stranger = await sign_up()
    assert_problem(await stranger.delete(f"/quizzes/{quiz_id}"), 404, "not_found")
    assert (await acts_of(stranger))[0]["outcome"] == "not_found"
    # The attempt on her quiz is the owner's to know, too.
    assert (await acts_of(host))[0]["outcome"] == "not_found"


async def test_an_act_and_its_record_are_committed_together(api: Api) -> None:
    account_id, quiz_id = new_id(), new_id()
    library = api.services.library
    with carrying_out(Acting(Act.CREATE_TEAM)) as act:
        by(account_id, None)
        with pytest.raises(DBAPIError):  # there is no such account
            await library.teams.create(account_id, "Team", now_ms())
        assert not act.recorded
        assert await library.teams.of_account(account_id) == []  # reading records nothing
        assert not act.recorded
    audit = api.services.operations.audit
    assert await audit.page(AuditFilter(account=account_id), 10) == []

    account = await api.services.auth.accounts.create(f"{new_id()}@x.org", "Bo", "hash")
    with carrying_out(Acting(Act.CREATE_TEAM)) as act:
        by(account.id, "session")
        on("quiz", quiz_id)
        team = await library.teams.create(account.id, "Team", now_ms())
        assert act.recorded
        await library.teams.delete(team.id)  # a second write of the same act
    lines = await audit.page(AuditFilter(account=account.id), 10)
    assert [(line.target_id, line.outcome) for line in lines] == [(team.id, DONE)]


async def test_a_single_statement_that_was_refused_keeps_what_it_had_written(api: Api) -> None:
    account = await api.services.auth.accounts.create(f"{new_id()}@x.org", "Bo", "hash")
    with carrying_out(Acting(Act.CHANGE_PROFILE)) as act:
        by(account.id, None)
        with pytest.raises(QuizrunError, match="already an account"):
            await api.services.auth.accounts.create(account.email, "Bo", "hash")
        assert act.due
        await api.services.auth.accounts.rename(account.id, "Bob")
        assert act.recorded
    found = await api.services.auth.accounts.by_id(account.id)
    assert found is not None
    assert found.display_name == "Bob"


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET outcome = 'done'", "DELETE FROM audit_log"]
)
async def test_nobody_changes_the_log(api: Api, host: httpx.AsyncClient, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with api.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_old_lines_are_deleted(api: Api) -> None:
    audit, operator = AuditLog(api.engine), f"someone-{new_id()}"
    await OperatorActions(api.engine).record(operator, "end", None, "refused: it is over")
    await audit.purge(now_ms() + DAY_MS // 2, 1)

    async def lines() -> list[tuple[str | None, str, dict[str, Any]]]:
        found = await audit.page(AuditFilter(action=Act.OPERATE), 100)
        return [
            (one.operator, one.outcome, one.details) for one in found if one.operator == operator
        ]

    assert await lines() == [(operator, "refused", {"command": "end"})]
    await audit.purge(now_ms() + 2 * DAY_MS, 1)
    assert await lines() == []


async def test_admins_filter_and_export_all_acts(
    api: Api, host: httpx.AsyncClient, sign_up: SignUp
) -> None:
    assert_problem(await host.get("/admin/acts"), 403, "forbidden")
    admin = await sign_up()
    me, ada = [(await each.get("/me")).json() for each in (admin, host)]
    await api.services.auth.accounts.administer(me["id"], role="admin", disabled=None, now=now_ms())
    team = (await host.post("/teams", json={"name": "=1+1"})).json()["id"]
    changed = await admin.patch(f"/admin/accounts/{ada['id']}", json={"role": "host"})
    assert changed.status_code == 200

    async def found(**query: Any) -> list[tuple[str, str]]:
        response = await admin.get("/admin/acts", params=query)
        assert response.status_code == 200, response.text
        return [(one["action"], one["email"]) for one in response.json()["acts"]]

    assert await found(account=ada["email"], limit=1) == [("team.create", ada["email"])]
    assert await found(target=team) == [("team.create", ada["email"])]
    assert await found(target=ada["id"], action="admin.account_change") == [
        ("admin.account_change", me["email"])
    ]
    assert await found(account="nobody@example.org") == []
    assert await found(account=ada["id"], refused=True) == []
    assert await found(account=ada["id"], since=now_ms() + 60_000) == []
    assert_problem(await admin.get("/admin/acts?action=no.such"), 422, "payload_invalid")
    assert_problem(await admin.get("/admin/acts?target=%00"), 422, "payload_invalid")

    query = {"account": ada["id"]}
    table = await admin.get("/admin/acts/export", params=query | {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    listed = await admin.get("/admin/acts/export", params=query | {"format": "jsonl"})
    objects = [json.loads(line) for line in listed.text.splitlines()]
    assert [row["action"] for row in rows] == [one["action"] for one in objects]
    assert objects[0]["target_id"] == rows[0]["target_id"] == team
    assert (await found(account=me["id"], action="acts.export", limit=1)) == [
        ("acts.export", me["email"])
    ]
    assert_problem(await host.get("/admin/acts/export"), 403, "forbidden")


async def test_refusals_are_limited(api: Api) -> None:
    recorder = ActRecorder(AuditLog(api.engine))
    account_id = new_id()
    await asyncio.gather(
        *(
            recorder.completed(
                Acting(Act.START_RUN, account_id=account_id), ErrorCode.RUN_FINISHED.value
            )
            for _ in range(REFUSALS_PER_MINUTE + 20)
        )
    )
    found = await AuditLog(api.engine).page(AuditFilter(account=account_id), 100)
    assert len(found) + recorder.left_out["limit"] == REFUSALS_PER_MINUTE + 20
    assert REFUSALS_PER_MINUTE <= len(found) <= 2 * REFUSALS_PER_MINUTE  # a minute may begin


async def test_an_operators_command_is_recorded_with_their_name(
    make_api: MakeApi, run_id: str, host: httpx.AsyncClient
) -> None:
    async with make_api(admin_token="an admin token of some length") as api:
        auth = ("Op Erator", "an admin token of some length")
        async with httpx.AsyncClient(base_url=api.url, auth=auth) as operator:
            for status in (303, 409):
                response = await operator.post(f"/admin/runs/{run_id}/end")
                assert response.status_code == status
    owner = [one for one in await acts_of(host) if one["action"] == "operator.run_command"]
    assert [(one["operator"], one["outcome"], one["details"]) for one in owner] == [
        ("Op Erator", "run_finished", {"command": "end"}),
        ("Op Erator", "done", {"command": "end"}),
    ]
    assert owner[0]["address"] is None
