"""The operators' page: access, content and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.http.admin_access import FAILURES, MAX_ADDRESSES, AdminAccess
from quiz.errors import QuizrunError
from tests.gateway.http.conftest import Api, MakeApi, assert_problem, join

TOKEN = "an admin token for tests"


@pytest.fixture(scope="module")
async def admin_api(make_api: MakeApi) -> AsyncIterator[Api]:
    async with make_api(admin_token=TOKEN, temporal_ui_url="https://temporal.example/") as running:
        yield running


@pytest.fixture
async def operator(admin_api: Api) -> AsyncIterator[httpx.AsyncClient]:
    auth = httpx.BasicAuth("grace", TOKEN)
    async with httpx.AsyncClient(base_url=admin_api.url, timeout=30, auth=auth) as client:
        yield client


async def test_without_a_configured_token_the_page_is_not_found(api: Api) -> None:
    async with httpx.AsyncClient(base_url=api.url, auth=("grace", "")) as client:
        for path in ("/admin", "/admin/admin.css", "/admin/runs/1"):
            assert_problem(await client.get(path), 404, "not_found")


async def test_the_page_requires_the_token_and_rate_limits_guessing(make_api: MakeApi) -> None:
    async with make_api(admin_token=TOKEN) as api, httpx.AsyncClient(base_url=api.url) as client:
        asked = await client.get("/admin")
        assert asked.status_code == 401
        assert asked.headers["www-authenticate"].startswith("Basic ")
        for guess in range(FAILURES):
            answer = await client.get("/admin", auth=("grace", f"{TOKEN}{guess}"))
            assert answer.status_code == 401
        assert_problem(await client.get("/admin", auth=("grace", TOKEN)), 429, "too_many_requests")


async def test_memory_for_failures_is_bounded() -> None:
    class FromAddress:
        def __init__(self, number: int) -> None:
            self.client = httpx.URL(f"http://10.0.{number // 256}.{number % 256}")
            self.headers = {"authorization": "Bearer nothing"}

    access = AdminAccess(TOKEN)
    for number in range(MAX_ADDRESSES + 50):
        with pytest.raises(Exception, match="token"):
            access.operator(FromAddress(number))  # type: ignore[arg-type]
    assert len(access._failures) == MAX_ADDRESSES
    with pytest.raises(QuizrunError, match="Not found"):
        AdminAccess("").operator(FromAddress(1))  # type: ignore[arg-type]


async def test_live_runs_and_servers_are_shown_with_user_text_escaped(
    admin_api: Api, operator: httpx.AsyncClient, host: httpx.AsyncClient, run_id: str
) -> None:
    await join(admin_api, run_id, "Ada", "<script>")
    page = await operator.get("/admin")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert f'href="/admin/runs/{run_id}"' in page.text
    for server in ("PostgreSQL", "Redis", "Temporal"):
        assert server in page.text
    style = await operator.get("/admin/admin.css")
    assert style.headers["content-type"].startswith("text/css")

    shown = (await operator.get(f"/admin/runs/{run_id}")).text
    assert "waits for its host to start" in shown
    assert "https://temporal.example/namespaces/default/workflows/quiz-run-" in shown
    assert "<script" not in shown
    assert_problem(await operator.get("/admin/runs/nothing"), 404, "not_found")


async def test_host_commands_are_recorded_with_the_operators_name(
    operator: httpx.AsyncClient, host: httpx.AsyncClient, run_id: str
) -> None:
    foreign = await operator.post(
        f"/admin/runs/{run_id}/pause", headers={"Origin": "https://evil.example"}
    )
    assert_problem(foreign, 403, "forbidden")
    paused = await operator.post(f"/admin/runs/{run_id}/pause")
    assert (paused.status_code, paused.headers["location"]) == (303, f"/admin/runs/{run_id}")
    assert (await host.get(f"/runs/{run_id}")).json()["paused"]
    again = await operator.post(f"/admin/runs/{run_id}/pause")
    assert again.status_code == 409
    assert "already paused" in again.text
    assert (await operator.post(f"/admin/runs/{run_id}/kick")).status_code == 422
    assert "cannot be undone" in (await operator.get(f"/admin/runs/{run_id}/end")).text
    assert (await operator.post(f"/admin/runs/{run_id}/end")).status_code == 303
    shown = (await operator.get(f"/admin/runs/{run_id}")).text
    assert "The run is over" in shown
    assert "grace" in shown
    assert "refused: The run is already paused." in shown


async def test_a_postgresql_outage_is_shown(make_api: MakeApi) -> None:
    async with (
        make_api(admin_token=TOKEN, database_url="postgresql://nobody@127.0.0.1:1/nothing") as api,
        httpx.AsyncClient(base_url=api.url, auth=("grace", TOKEN), timeout=30) as client,
    ):
        page = await client.get("/admin")
        assert page.status_code == 200
        assert "PostgreSQL is unavailable" in page.text
