"""Quiz templates over HTTP."""

from __future__ import annotations

import httpx

from gateway.archive.references import references
from tests.gateway.http.conftest import Api, assert_problem


async def test_a_host_starts_from_a_template_in_their_language(host: httpx.AsyncClient) -> None:
    listed = (await host.get("/templates", params={"language": "de-CH"})).json()["items"]
    tour = next(one for one in listed if one["id"] == "tour")
    assert tour["language"] == "de"
    assert set(tour["types"]) >= {"single", "multiple", "number", "order", "poll"}

    made = await host.post("/templates/tour/quizzes", json={"language": "de-CH"})
    assert made.status_code == 201
    quiz = made.json()
    assert made.headers["location"] == f"/api/v1/quizzes/{quiz['id']}"
    assert (quiz["title"], quiz["language"]) == (tour["title"], "de")
    assert len(quiz["questions"]) == tour["question_count"]
    assert (await host.get(f"/quizzes/{quiz['id']}")).json()["questions"] == quiz["questions"]


async def test_a_templates_pictures_become_the_hosts(host: httpx.AsyncClient, api: Api) -> None:
    quiz = (await host.post("/templates/tour/quizzes")).json()
    urls = set(references(quiz))
    assert len(urls) == 4
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as visitor:
        for url in urls:
            shown = await visitor.get(url)
            assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    mine = (await host.get("/media")).json()
    assert {picture["url"] for picture in mine["items"]} == urls


async def test_a_repeat_makes_no_second_quiz(host: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "a template"}
    made = [await host.post("/templates/estimate/quizzes", headers=key) for _ in range(2)]
    assert made[0].json() == made[1].json()
    assert (await host.get("/quizzes")).json()["total"] == 1


async def test_an_unknown_template_is_rejected(host: httpx.AsyncClient) -> None:
    assert_problem(await host.post("/templates/nothing/quizzes"), 404, "not_found")
    wrong = {"language": "not a tag"}
    assert_problem(await host.get("/templates", params=wrong), 422, "payload_invalid")
    refused = await host.post("/templates/tour/quizzes", json=wrong)
    assert_problem(refused, 422, "payload_invalid")
