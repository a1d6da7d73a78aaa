"""Any invalid input gets a problem document with a code, never a traceback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from db.quizzes import Quizzes
from tests.gateway.http.conftest import QUIZ, Api, assert_problem

JSON = {"Content-Type": "application/json"}
QUESTION = QUIZ["questions"][0]


def quiz_with(**question: Any) -> dict[str, Any]:
    return {**QUIZ, "questions": [QUIZ["questions"][1], {**QUESTION, **question}]}


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"correct": [7]}, "correct"),
        ({"correct": [0, 1]}, "correct"),
        ({"options": ["a"]}, "options"),
        ({"options": [str(number) for number in range(10_000)]}, "options"),
        ({"options": ["a", "a"]}, "options"),
        ({"text": ""}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"time_limit_s": 1}, "time_limit_s"),
        ({"time_limit_s": 10**30}, "time_limit_s"),
        ({"time_limit_s": "20"}, "time_limit_s"),
        ({"points": 1.5}, "points"),
        ({"type": "riddle"}, "type"),
        ({"corect": [0]}, "corect"),
        ({"media": {"url": "javascript:alert(1)"}}, "media.url"),
    ],
)
async def test_an_invalid_quiz_is_rejected_by_question_and_field(
    host: httpx.AsyncClient, question: dict[str, Any], field: str
) -> None:
    response = await host.post("/quizzes", json=quiz_with(**question))
    problem = assert_problem(response, 422, "quiz_invalid")
    assert problem["problems"][0]["question"] == 1
    assert problem["problems"][0]["field"] == field
    assert problem["detail"].startswith("Question 2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"quiz"',
        b"12",
        b"{}",
        orjson.dumps({**QUIZ, "questions": []}),
        orjson.dumps({**QUIZ, "questions": [QUESTION] * 501}),
        orjson.dumps({**QUIZ, "language": "klingon!"}),
        orjson.dumps({**QUIZ, "questions": {"0": QUESTION}}),
    ],
)
async def test_anything_but_a_quiz_is_quiz_invalid(host: httpx.AsyncClient, body: bytes) -> None:
    response = await host.post("/quizzes", content=body, headers=JSON)
    code = "payload_invalid" if body == b"" else "quiz_invalid"
    assert_problem(response, 422, code)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"title": NaN}',
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\\u0000"}',
        b'{"deep": {"\\u0000": 1}}',
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 1_000 + b'"\\u0000"' + b"]" * 1_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"\x00",
        b"9" * 5_000,
    ],
)
@pytest.mark.parametrize("path", ["/quizzes", "/runs", "/auth/register"])
async def test_invalid_json_is_payload_invalid(
    host: httpx.AsyncClient, path: str, body: bytes
) -> None:
    response = await host.post(path, content=body, headers=JSON)
    code = response.json()["code"]
    if code == "payload_too_large":
        assert path != "/quizzes"
        assert len(body) > 8_192
        assert_problem(response, 413, code)
    else:
        assert code in ("payload_invalid", "quiz_invalid" if path == "/quizzes" else code)
        assert_problem(response, 422, code)


@pytest.mark.parametrize(
    ("path", "most"), [("/auth/login", 8_192), ("/runs", 16_384), ("/nothing", 16_384)]
)
async def test_each_route_limits_its_bodies(
    anyone: httpx.AsyncClient, path: str, most: int
) -> None:
    response = await anyone.post(path, content=b" " * (most + 1), headers=JSON)
    problem = assert_problem(response, 413, "payload_too_large")
    assert problem["detail"] == f"The request body is larger than {most:,} bytes."
    fits = await anyone.post(path, content=b" " * most, headers=JSON)
    assert fits.status_code in (401, 404, 422)


@pytest.mark.parametrize(
    "document",
    [
        {str(number): number for number in range(51)},
        {**QUIZ, "questions": [{**QUESTION, **{str(number): 1 for number in range(50)}}]},
        {**QUIZ, "questions": list(range(10_001))},
        {**QUIZ, "questions": [[]] * 60_000},
        {**QUIZ, "questions": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]},
        {"," * 100_001: 1},
    ],
    ids=["keys", "a question's keys", "items", "values", "depth", "marks"],
)
async def test_a_body_of_hostile_shape_is_rejected_before_validation(
    host: httpx.AsyncClient, document: Any
) -> None:
    response = await host.post("/quizzes", json=document)
    problem = assert_problem(response, 422, "payload_invalid")
    assert "problems" not in problem
    assert "body" in problem["detail"]


async def test_a_quiz_full_of_errors_is_rejected_with_the_first_ones(
    host: httpx.AsyncClient,
) -> None:
    wrong = {"type": "single", "text": 1, "options": [1] * 12, "correct": ["a"] * 12}
    response = await host.post("/quizzes", json={**QUIZ, "questions": [wrong] * 500})
    problem = assert_problem(response, 422, "quiz_invalid")
    assert len(problem["problems"]) == 20


async def test_unauthenticated_bodies_are_not_read(anyone: httpx.AsyncClient) -> None:
    response = await anyone.post("/quizzes", content=b"{" * 1_000_000, headers=JSON)
    assert_problem(response, 401, "unauthorized")


async def test_nul_in_an_unchecked_field_is_rejected(host: httpx.AsyncClient) -> None:
    response = await host.post("/quizzes", json=quiz_with(explanation="a\0b"))
    assert "U+0000" in assert_problem(response, 422, "payload_invalid")["detail"]
    harmless = await host.post("/quizzes", json=quiz_with(explanation="a\\u0000b"))
    assert harmless.status_code == 201


async def test_other_content_types_are_rejected(host: httpx.AsyncClient) -> None:
    response = await host.post(
        "/quizzes", content=orjson.dumps(QUIZ), headers={"Content-Type": "text/plain"}
    )
    assert_problem(response, 422, "quiz_invalid")


@pytest.mark.parametrize("size", [2_000_001, 7_900_000])
async def test_an_oversized_body_is_rejected_so_that_the_client_sees_it(
    host: httpx.AsyncClient, size: int
) -> None:
    response = await host.post("/quizzes", content=b" " * size, headers=JSON)
    assert_problem(response, 413, "payload_too_large")
    assert (await host.get("/quizzes")).status_code == 200


async def test_a_body_declared_gigantic_is_rejected_unread(api: Api) -> None:
    address = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        b"POST /api/v1/quizzes HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n"
    )
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"payload_too_large" in answer
    writer.close()


async def test_an_undeclared_oversized_body_is_rejected_while_streaming(
    host: httpx.AsyncClient,
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 100_000
            yield b" " * 100_000
            await asyncio.sleep(0)

    # The connection may be closed before the client has read the response.
    with contextlib.suppress(httpx.NetworkError):
        response = await host.post("/quizzes", content=endless(), headers=JSON)
        assert_problem(response, 413, "payload_too_large")
    assert sent < 50_000_000


async def test_a_large_quiz_below_the_limit_is_accepted(host: httpx.AsyncClient) -> None:
    quiz = {**QUIZ, "questions": [{**QUESTION, "explanation": "é" * 1_500}] * 500}
    assert len(orjson.dumps(quiz)) > 1_500_000
    assert (await host.post("/quizzes", json=quiz)).status_code == 201


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "limit=1e9",
        "offset=99999999999999999999999999",
        "limit=%00",
        "limit=%ff",
    ],
)
@pytest.mark.parametrize("path", ["/quizzes", "/runs"])
async def test_invalid_paging_is_rejected(host: httpx.AsyncClient, path: str, query: str) -> None:
    assert_problem(await host.get(f"{path}?{query}"), 422, "payload_invalid")


@pytest.mark.parametrize(
    "quiz_id",
    ["1", "x" * 5_000, "%00", "..%2f", "%ff", "{}", "00000000-0000-0000-0000-000000000000"],
)
async def test_an_unknown_quiz_is_not_found(host: httpx.AsyncClient, quiz_id: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        body = QUIZ if method == "PUT" else None
        assert_problem(
            await host.request(method, f"/quizzes/{quiz_id}", json=body), 404, "not_found"
        )


@pytest.mark.parametrize("path", ["/nothing", "/quizzes/", "/../../etc/passwd", "//"])
async def test_an_unknown_address_is_not_found(host: httpx.AsyncClient, path: str) -> None:
    assert_problem(await host.get(path), 404, "not_found")


async def test_a_wrong_method_lists_the_allowed_ones(host: httpx.AsyncClient) -> None:
    response = await host.patch("/quizzes")
    assert_problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"a\tb", "é".encode()])
async def test_an_invalid_idempotency_key_is_rejected(host: httpx.AsyncClient, key: bytes) -> None:
    response = await host.post("/quizzes", json=QUIZ, headers={b"Idempotency-Key": key})
    assert_problem(response, 422, "payload_invalid")


async def test_all_routes_except_signing_in_require_an_account(anyone: httpx.AsyncClient) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    calls = [("GET", "/me"), ("GET", "/quizzes"), ("POST", "/quizzes"), ("GET", "/runs")]
    calls += [(method, f"/quizzes/{nobody}") for method in ("GET", "PUT", "DELETE")]
    calls += [("GET", f"/runs/{nobody}{part}") for part in ("", "/leaderboard", "/results")]
    calls += [("POST", "/runs"), ("POST", f"/runs/{nobody}/players/{nobody}/kick")]
    commands = ["start", "pause", "resume", "next", "skip", "end", "lock", "unlock"]
    commands += ["show-standings", "hide-standings"]
    calls += [("PATCH", f"/runs/{nobody}/settings")]
    calls += [("POST", f"/runs/{nobody}/{command}") for command in commands]
    for method, path in calls:
        body = {"quiz_id": nobody} if method != "GET" else None
        for headers in ({}, {"Idempotency-Key": "k"}):
            response = await anyone.request(method, path, json=body, headers=headers)
            assert_problem(response, 401, "unauthorized")


async def test_an_internal_error_is_a_problem_without_details(
    host: httpx.AsyncClient, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Quizzes, "page", fail)
    response = await host.get("/quizzes")
    problem = assert_problem(response, 500, "internal")
    assert "secret" not in response.text
    assert not problem["retryable"]
    assert response.headers["x-content-type-options"] == "nosniff"
