"""Quotas of accounts, as the API refuses and shows them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.gateway.http.conftest import QUIZ, MakeApi, assert_problem, reach, registration

LIMITS = {
    "quota_quizzes": 2,
    "quota_live_runs": 1,
    "quota_exports_per_hour": 1,
    "quota_stored_replies_bytes": 6_000,
    "quota_requests_per_minute": 60,
}


@pytest.fixture(scope="module")
async def limited_url(make_api: MakeApi) -> AsyncIterator[str]:
    async with make_api(**LIMITS) as api:
        yield api.url


@pytest.fixture
async def limited(limited_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A new account at an API with tight quotas."""
    async with httpx.AsyncClient(base_url=f"{limited_url}/api/v1", timeout=30) as client:
        created = await client.post("/auth/register", json=registration())
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {created.json()['access_token']}"
        yield client


async def used(client: httpx.AsyncClient) -> dict[str, Any]:
    quotas = (await client.get("/me/usage")).json()["quotas"]
    return {one["quota"]: (one["used"], one["most"]) for one in quotas}


async def test_quizzes_runs_and_exports_are_bounded_and_usage_is_shown(
    limited: httpx.AsyncClient, workers: None
) -> None:
    replies = await asyncio.gather(*(limited.post("/quizzes", json=QUIZ) for _ in range(5)))
    codes = Counter(reply.json().get("code", "stored") for reply in replies)
    assert codes == {"stored": 2, "quizzes_quota_reached": 3}
    quiz_id = next(reply.json()["id"] for reply in replies if reply.status_code == 201)
    assert_problem(
        await limited.post(f"/quizzes/{quiz_id}/duplicate"), 409, "quizzes_quota_reached"
    )
    draft = await limited.post(
        "/quizzes/drafts", json={"title": "T", "language": "en", "questions": []}
    )
    assert_problem(draft, 409, "quizzes_quota_reached")

    wanted = {"quiz_id": quiz_id}
    key = {"Idempotency-Key": str(uuid4())}
    run = await limited.post("/runs", json=wanted, headers=key)
    assert run.status_code == 201
    other = {"Idempotency-Key": str(uuid4())}
    refused = await limited.post("/runs", json=wanted, headers=other)
    assert assert_problem(refused, 409, "live_runs_quota_reached")["retryable"]
    run_id = run.json()["run_id"]
    assert (await limited.post("/runs", json=wanted, headers=key)).json()["run_id"] == run_id
    export = f"/runs/{run_id}/results?format=csv"
    assert (await limited.get(export)).status_code == 200
    assert_problem(await limited.get(export), 429, "exports_quota_reached")
    assert (await limited.get(f"/runs/{run_id}/results")).status_code == 200  # for the report
    assert await used(limited) == {
        "live_runs": (1, 1),
        "quizzes": (2, 2),
        "runs": (1, 5_000),
        "exports": (1, 1),
        "stored_replies": ((await used(limited))["stored_replies"][0], 6_000),
    }

    assert (await limited.post(f"/runs/{run_id}/end")).status_code == 200
    await reach(limited, run_id, "cancelled")
    # The refusal was not stored: the same request succeeds now.
    assert (await limited.post("/runs", json=wanted, headers=other)).status_code == 201


async def test_idempotency_keys_are_bounded(limited: httpx.AsyncClient) -> None:
    async def duplicate() -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4())}
        return await limited.post("/quizzes/none/duplicate", headers=headers)

    replies = await asyncio.gather(*(duplicate() for _ in range(12)))
    codes = Counter(reply.json()["code"] for reply in replies)
    assert codes.keys() == {"not_found", "too_many_requests"}
    assert codes["not_found"] <= 6
    assert (await limited.get("/quizzes")).status_code == 200


async def test_requests_of_an_account_are_bounded_for_a_minute(limited: httpx.AsyncClient) -> None:
    replies = await asyncio.gather(*(limited.get("/me") for _ in range(121)))
    statuses = Counter(reply.status_code for reply in replies)
    assert statuses[429] > 0  # whenever a minute begins
    assert statuses[200] >= 60
