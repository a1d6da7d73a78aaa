"""Rehearsals are marked and excluded from counts."""

from __future__ import annotations

from typing import Any

import httpx


async def opened(host: httpx.AsyncClient, quiz_id: str, **settings: Any) -> str:
    response = await host.post("/runs", json={"quiz_id": quiz_id, "settings": settings})
    assert response.status_code == 201
    return str(response.json()["run_id"])


async def test_a_rehearsal_is_marked_and_can_be_filtered_out(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    rehearsal = await opened(host, quiz_id, rehearsal=True)
    run = await opened(host, quiz_id)
    assert (await host.get(f"/runs/{rehearsal}")).json()["settings"]["rehearsal"] is True
    for wanted, ids in (("true", [rehearsal]), ("false", [run])):
        page = (await host.get("/runs", params={"rehearsal": wanted})).json()
        assert [one["run_id"] for one in page["items"]] == ids
        assert page["total"] == 1
    assert (await host.get("/runs")).json()["total"] == 2


async def test_a_rehearsal_does_not_count_as_a_run(host: httpx.AsyncClient, quiz_id: str) -> None:
    await opened(host, quiz_id, rehearsal=True)
    [line] = (await host.get("/quizzes")).json()["items"]
    assert (line["run_count"], line["last_run_at"]) == (0, None)
    await opened(host, quiz_id)
    [line] = (await host.get("/quizzes")).json()["items"]
    assert line["run_count"] == 1
