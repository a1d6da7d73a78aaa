from __future__ import annotations

import asyncio

import httpx

from tests.gateway.http.conftest import QUIZ, SignUp, assert_problem, reach


async def test_a_stored_quiz_is_returned_unchanged(host: httpx.AsyncClient) -> None:
    created = await host.post("/quizzes", json=QUIZ)
    assert created.status_code == 201
    stored = created.json()
    assert stored["version"] == 1
    assert stored["title"] == "Capitals"
    assert created.headers["location"] == f"/api/v1/quizzes/{stored['id']}"
    read = await host.get(f"/quizzes/{stored['id']}")
    assert read.json() == stored
    assert read.headers["etag"] == '"1"'
    assert [question["type"] for question in stored["questions"]] == ["single", "number", "order"]
    assert stored["questions"][0] == QUIZ["questions"][0]


async def test_a_read_quiz_can_be_put_back(host: httpx.AsyncClient, quiz_id: str) -> None:
    quiz = (await host.get(f"/quizzes/{quiz_id}")).json()
    changed = await host.put(f"/quizzes/{quiz_id}", json={**quiz, "title": "Capital cities"})
    assert changed.status_code == 200
    assert changed.json()["version"] == 2
    assert changed.json()["title"] == "Capital cities"
    assert changed.json()["created_at"] == quiz["created_at"]


async def test_of_two_changes_to_the_same_version_one_conflicts(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    puts = [
        host.put(f"/quizzes/{quiz_id}", json=QUIZ, headers={"If-Match": '"1"'}) for _ in range(2)
    ]
    first, second = sorted(await asyncio.gather(*puts), key=lambda put: put.status_code)
    assert first.status_code == 200
    assert_problem(second, 412, "version_conflict")
    for etag in ("x", '"', "1.5", "9" * 30):
        response = await host.put(f"/quizzes/{quiz_id}", json=QUIZ, headers={"If-Match": etag})
        assert_problem(response, 422, "payload_invalid")


async def test_quizzes_are_listed_in_pages(host: httpx.AsyncClient) -> None:
    for number in range(3):
        await host.post("/quizzes", json={**QUIZ, "title": f"Quiz {number}", "language": "pt-BR"})
    page = (await host.get("/quizzes?limit=2&offset=0")).json()
    assert page["total"] == 3
    assert (page["limit"], page["offset"]) == (2, 0)
    assert [line["title"] for line in page["items"]] == ["Quiz 2", "Quiz 1"]
    assert page["items"][0]["question_count"] == 3
    assert page["items"][0]["language"] == "pt-BR"
    rest = (await host.get("/quizzes?limit=2&offset=2")).json()
    assert [line["title"] for line in rest["items"]] == ["Quiz 0"]
    beyond = (await host.get("/quizzes?offset=100")).json()
    assert (beyond["items"], beyond["total"]) == ([], 3)


async def test_a_deleted_quiz_is_gone(host: httpx.AsyncClient, quiz_id: str) -> None:
    assert (await host.delete(f"/quizzes/{quiz_id}")).status_code == 204
    assert_problem(await host.get(f"/quizzes/{quiz_id}"), 404, "not_found")
    assert_problem(await host.delete(f"/quizzes/{quiz_id}"), 404, "not_found")
    assert (await host.get("/quizzes")).json()["total"] == 0


async def test_a_quiz_is_private(sign_up: SignUp, host: httpx.AsyncClient, quiz_id: str) -> None:
    other = await sign_up()
    assert_problem(await other.get(f"/quizzes/{quiz_id}"), 404, "not_found")
    assert_problem(await other.put(f"/quizzes/{quiz_id}", json=QUIZ), 404, "not_found")
    assert_problem(await other.delete(f"/quizzes/{quiz_id}"), 404, "not_found")
    assert (await other.get("/quizzes")).json()["total"] == 0
    assert (await host.get(f"/quizzes/{quiz_id}")).status_code == 200


async def test_quizzes_are_found_by_part_of_their_title(host: httpx.AsyncClient) -> None:
    for title in ("100% Rivers", "Lakes", "RIVER_beds"):
        await host.post("/quizzes", json={**QUIZ, "title": title})

    async def found(search: str) -> list[str]:
        page = (await host.get("/quizzes", params={"search": search})).json()
        assert page["total"] == len(page["items"])
        return [line["title"] for line in page["items"]]

    assert await found("river") == ["RIVER_beds", "100% Rivers"]
    assert await found("%") == ["100% Rivers"]
    assert await found("_") == ["RIVER_beds"]
    assert await found("\\") == []
    assert await found("") == ["RIVER_beds", "Lakes", "100% Rivers"]
    assert_problem(await host.get("/quizzes?search=" + "x" * 201), 422, "payload_invalid")
    assert_problem(await host.get("/quizzes?search=%00"), 422, "payload_invalid")


async def test_the_list_has_the_number_of_runs(host: httpx.AsyncClient, quiz_id: str) -> None:
    (line,) = (await host.get("/quizzes")).json()["items"]
    assert (line["run_count"], line["last_run_at"]) == (0, None)
    opened = [(await host.post("/runs", json={"quiz_id": quiz_id})).json() for _ in range(2)]
    (line,) = (await host.get("/quizzes")).json()["items"]
    created_at = (await host.get(f"/runs/{opened[1]['run_id']}")).json()["created_at"]
    assert (line["run_count"], line["last_run_at"]) == (2, created_at)
    assert line["finished_count"] == 0


async def test_the_list_has_the_number_of_comparable_runs(
    host: httpx.AsyncClient, quiz_id: str, workers: None
) -> None:
    unplayed, run_id = [
        (await host.post("/runs", json={"quiz_id": quiz_id})).json()["run_id"] for _ in range(2)
    ]
    await host.post(f"/runs/{unplayed}/end")
    await host.post(f"/runs/{run_id}/start")
    await reach(host, run_id, "question")
    await host.post(f"/runs/{run_id}/end")
    await reach(host, run_id, "finished")
    (line,) = (await host.get("/quizzes")).json()["items"]
    assert (line["run_count"], line["finished_count"]) == (2, 1)  # one was never played


async def test_a_copy_is_independent(host: httpx.AsyncClient, quiz_id: str) -> None:
    copied = await host.post(f"/quizzes/{quiz_id}/duplicate")
    assert copied.status_code == 201
    copy = copied.json()
    assert copied.headers["location"] == f"/api/v1/quizzes/{copy['id']}"
    assert copied.headers["etag"] == '"1"'
    assert (copy["title"], copy["version"]) == ("Capitals (copy)", 1)
    original = (await host.get(f"/quizzes/{quiz_id}")).json()
    assert copy["questions"] == original["questions"]
    await host.delete(f"/quizzes/{quiz_id}")
    assert (await host.get(f"/quizzes/{copy['id']}")).status_code == 200


async def test_a_copy_can_be_given_a_title(host: httpx.AsyncClient, quiz_id: str) -> None:
    named = await host.post(f"/quizzes/{quiz_id}/duplicate", json={"title": "Kopie"})
    assert named.json()["title"] == "Kopie"
    long = await host.post(f"/quizzes/{quiz_id}/duplicate", json={"title": "x" * 200})
    again = await host.post(f"/quizzes/{long.json()['id']}/duplicate", json={})
    assert again.json()["title"] == "x" * 193 + " (copy)"
    for wrong in ({"title": ""}, {"title": " "}, {"title": "x" * 201}, {"name": "x"}):
        refused = await host.post(f"/quizzes/{quiz_id}/duplicate", json=wrong)
        assert_problem(refused, 422, "payload_invalid")


async def test_one_key_makes_one_copy(host: httpx.AsyncClient, quiz_id: str) -> None:
    key = {"Idempotency-Key": "copy it"}
    tries = [await host.post(f"/quizzes/{quiz_id}/duplicate", headers=key) for _ in range(2)]
    assert tries[0].json() == tries[1].json()
    assert (await host.get("/quizzes")).json()["total"] == 2


async def test_quizzes_of_others_cannot_be_copied(sign_up: SignUp, quiz_id: str) -> None:
    other = await sign_up()
    assert_problem(await other.post(f"/quizzes/{quiz_id}/duplicate"), 404, "not_found")
