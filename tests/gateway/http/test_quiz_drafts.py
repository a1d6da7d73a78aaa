from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.gateway.http.conftest import QUIZ, SignUp, assert_problem

HALF: dict[str, Any] = {
    "title": "Half",
    "language": "en",
    "questions": [{"id": "q1", "type": "single", "text": "", "options": [{"text": "a"}]}],
}


async def edit(host: httpx.AsyncClient, quiz_id: str) -> dict[str, Any]:
    response = await host.get(f"/quizzes/{quiz_id}/edit")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def over(edition: str, key: str = "k") -> dict[str, str]:
    return {"If-Match": f'"{edition}"', "Idempotency-Key": key}


async def test_a_draft_is_stored_beside_the_runnable_version(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    assert (await edit(host, quiz_id))["edition"] == "1-0"
    saved = await host.put(f"/quizzes/{quiz_id}/draft", json=HALF, headers=over("1-0"))
    assert saved.json()["edition"] == "1-1"
    seen = await edit(host, quiz_id)
    assert (seen["draft"], seen["edition"], seen["outdated"]) == (HALF, "1-1", False)
    assert seen["quiz"] == (await host.get(f"/quizzes/{quiz_id}")).json()
    line = (await host.get("/quizzes")).json()["items"][0]
    assert line["draft_at"] == saved.json()["updated_at"] == line["updated_at"]
    assert line["complete_at"] == seen["quiz"]["updated_at"] <= line["draft_at"]
    assert (line["title"], line["version"]) == ("Capitals", 1)


async def test_a_complete_version_replaces_its_draft(host: httpx.AsyncClient, quiz_id: str) -> None:
    await host.put(f"/quizzes/{quiz_id}/draft", json=HALF, headers=over("1-0"))
    stored = await host.put(f"/quizzes/{quiz_id}", json=QUIZ, headers=over("1-1", "next"))
    assert stored.json()["version"] == 2
    seen = await edit(host, quiz_id)
    assert (seen["edition"], "draft" in seen) == ("2-0", False)


async def test_a_client_without_drafts_leaves_them_outdated(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    await host.put(f"/quizzes/{quiz_id}/draft", json=HALF, headers=over("1-0"))
    stored = await host.put(f"/quizzes/{quiz_id}", json=QUIZ, headers={"If-Match": '"1"'})
    assert stored.status_code == 200
    seen = await edit(host, quiz_id)
    assert (seen["draft"], seen["edition"], seen["outdated"]) == (HALF, "2-1", True)


async def test_a_quiz_can_start_as_a_draft_and_run_once_complete(
    host: httpx.AsyncClient,
) -> None:
    made = await host.post("/quizzes/drafts", json=HALF, headers={"Idempotency-Key": "first"})
    again = await host.post("/quizzes/drafts", json=HALF, headers={"Idempotency-Key": "first"})
    assert made.status_code == 201
    assert made.json() == again.json()
    quiz_id = made.json()["id"]
    line = (await host.get("/quizzes")).json()["items"][0]
    assert (line["title"], line["version"], line["complete_at"]) == ("Half", 0, None)
    assert_problem(await host.post("/runs", json={"quiz_id": quiz_id}), 422, "quiz_invalid")
    assert_problem(await host.get(f"/quizzes/{quiz_id}"), 422, "quiz_invalid")
    stored = await host.put(f"/quizzes/{quiz_id}", json=QUIZ, headers=over("0-1", "next"))
    assert stored.json()["version"] == 1
    assert (await edit(host, quiz_id))["edition"] == "1-0"


async def test_a_retry_of_a_save_with_a_lost_response_is_not_a_conflict(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    url = f"/quizzes/{quiz_id}"
    first = await host.put(f"{url}/draft", json=HALF, headers=over("1-0", "a"))
    again = await host.put(f"{url}/draft", json=HALF, headers=over("1-0", "a"))
    assert first.json() == again.json()
    stored = await host.put(url, json=QUIZ, headers=over("1-1", "b"))
    repeated = await host.put(url, json=QUIZ, headers=over("1-1", "b"))
    assert repeated.json() == stored.json()
    assert repeated.headers["etag"] == '"2"'
    # after another save in between it is a conflict
    await host.put(url, json=QUIZ, headers=over("2-0", "c"))
    assert_problem(
        await host.put(url, json=QUIZ, headers=over("1-1", "b")), 412, "version_conflict"
    )


async def test_of_two_saves_over_the_same_edition_one_conflicts(
    host: httpx.AsyncClient, quiz_id: str
) -> None:
    url = f"/quizzes/{quiz_id}"
    puts = [host.put(f"{url}/draft", json=HALF, headers=over("1-0", f"key {n}")) for n in range(2)]
    first, second = sorted(await asyncio.gather(*puts), key=lambda put: put.status_code)
    assert first.status_code == 200
    assert_problem(second, 412, "version_conflict")
    # nor can a complete version replace an unseen draft
    assert_problem(
        await host.put(url, json=QUIZ, headers=over("1-0", "x")), 412, "version_conflict"
    )


async def test_drafts_are_limited_and_private(
    host: httpx.AsyncClient, quiz_id: str, sign_up: SignUp
) -> None:
    url = f"/quizzes/{quiz_id}/draft"
    long = {**HALF, "title": "x" * 201}
    assert_problem(await host.put(url, json=long, headers=over("1-0")), 422, "quiz_invalid")
    other = await sign_up()
    assert_problem(await other.put(url, json=HALF), 404, "not_found")
    assert_problem(await other.get(f"/quizzes/{quiz_id}/edit"), 404, "not_found")
    assert (await host.delete(f"/quizzes/{quiz_id}")).status_code == 204
    assert_problem(await host.put(url, json=HALF), 404, "not_found")
