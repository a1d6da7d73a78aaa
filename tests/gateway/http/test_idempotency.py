from __future__ import annotations

import asyncio

import httpx
import pytest

from db.idempotency import IdempotencyKeys
from db.quizzes import Quizzes
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.http.conftest import QUIZ, SignUp, assert_problem

KEY = {"Idempotency-Key": "8e03978e"}


async def test_a_repeat_gets_the_first_response(host: httpx.AsyncClient) -> None:
    first = await host.post("/quizzes", json=QUIZ, headers=KEY)
    second = await host.post("/quizzes", json=QUIZ, headers=KEY)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (second.status_code, second.json()) == (201, first.json())
    assert (await host.get("/quizzes")).json()["total"] == 1


async def test_of_concurrent_repeats_one_is_executed(host: httpx.AsyncClient) -> None:
    tries = [host.post("/quizzes", json=QUIZ, headers=KEY) for _ in range(20)]
    for response in await asyncio.gather(*tries):
        if response.status_code != 201:
            assert assert_problem(response, 409, "request_in_progress")["retryable"]
    assert (await host.get("/quizzes")).json()["total"] == 1


async def test_a_final_error_is_repeated_as_a_problem(host: httpx.AsyncClient) -> None:
    bad = {**QUIZ, "title": ""}
    first = assert_problem(await host.post("/quizzes", json=bad, headers=KEY), 422, "quiz_invalid")
    again = await host.post("/quizzes", json=bad, headers=KEY)
    assert assert_problem(again, 422, "quiz_invalid") == first
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_key_cannot_be_used_for_another_request(host: httpx.AsyncClient) -> None:
    await host.post("/quizzes", json=QUIZ, headers=KEY)
    other = {**QUIZ, "title": "Another"}
    response = await host.post("/quizzes", json=other, headers=KEY)
    assert_problem(response, 422, "idempotency_key_reused")


async def test_two_accounts_may_choose_the_same_key(sign_up: SignUp) -> None:
    ids = [
        (await (await sign_up()).post("/quizzes", json=QUIZ, headers=KEY)).json()["id"]
        for _ in range(2)
    ]
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    "error", [QuizrunError(ErrorCode.UNAVAILABLE, "Away."), ZeroDivisionError()]
)
async def test_after_an_internal_error_a_retry_is_executed(
    host: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Quizzes, "create", fail)
        assert (await host.post("/quizzes", json=QUIZ, headers=KEY)).status_code >= 500
    assert (await host.post("/quizzes", json=QUIZ, headers=KEY)).status_code == 201


async def test_a_success_is_reported_even_if_the_response_cannot_be_stored(
    host: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise QuizrunError(ErrorCode.UNAVAILABLE, "Away.")

    monkeypatch.setattr(IdempotencyKeys, "complete", fail)
    assert (await host.post("/quizzes", json=QUIZ, headers=KEY)).status_code == 201
    # It succeeded, so an immediate retry must not execute it again.
    assert_problem(await host.post("/quizzes", json=QUIZ, headers=KEY), 409, "request_in_progress")
