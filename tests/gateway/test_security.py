from __future__ import annotations

import asyncio
import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from gateway.http.problems import STATUS
from gateway.keys import KeyRing
from gateway.security import Passwords, Tokens
from quiz.errors import ErrorCode, QuizrunError

PASSWORD = SecretStr("password")
SECRET = "0123456789abcdef0123456789abcdef"


class Clock:
    """Starts at the current time, because the JWT library has its own clock."""

    def __init__(self) -> None:
        self.ms = int(time.time() * 1000)

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(KeyRing(SECRET), now_ms=clock, access_ttl_s=3_600, player_ttl_s=86_400)


def test_tokens_round_trip(tokens: Tokens) -> None:
    assert tokens.verify_access_token(tokens.sign_access_token("ada")) == ("ada", None)
    assert tokens.verify_access_token(tokens.sign_access_token("ada", "here")) == ("ada", "here")
    assert tokens.verify_player_token(tokens.sign_player_token("run", "bob")) == ("run", "bob")


def test_a_token_expires(tokens: Tokens, clock: Clock) -> None:
    clock.ms -= 86_500_000
    old = tokens.sign_player_token("run", "bob")
    assert_unauthorized(tokens.verify_player_token, old)


def test_a_review_token_outlives_the_players_and_only_reviews(tokens: Tokens, clock: Clock) -> None:
    assert tokens.verify_review_token(tokens.sign_player_token("run", "bob")) == ("run", "bob")
    clock.ms -= 300 * 86_400_000
    review = tokens.sign_review_token("run", "bob")
    assert tokens.verify_review_token(review) == ("run", "bob")
    assert_unauthorized(tokens.verify_player_token, review)
    assert_unauthorized(tokens.verify_access_token, review)
    assert_unauthorized(tokens.verify_review_token, tokens.sign_access_token("ada"))
    clock.ms -= 66 * 86_400_000
    assert_unauthorized(tokens.verify_review_token, tokens.sign_review_token("run", "bob"))


def test_kinds_of_tokens_are_not_interchangeable(tokens: Tokens) -> None:
    assert_unauthorized(tokens.verify_access_token, tokens.sign_player_token("run", "bob"))
    assert_unauthorized(tokens.verify_player_token, tokens.sign_access_token("ada"))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": "access"},
        {"aud": "access", "iss": "quizrun", "exp": 2**33},
        {"aud": "access", "iss": "quizrun", "sub": "ada"},
        {"aud": "access", "iss": "other", "sub": "ada", "exp": 2**33},
        {"aud": "access", "iss": "quizrun", "sub": 7, "exp": 2**33},
        {"aud": "access", "iss": "quizrun", "sub": "ada", "exp": "never"},
    ],
)
def test_a_token_needs_all_claims(tokens: Tokens, claims: dict[str, Any]) -> None:
    assert_unauthorized(tokens.verify_access_token, jwt.encode(claims, SECRET, "HS256"))


def test_other_secrets_and_missing_signatures_are_rejected(tokens: Tokens) -> None:
    claims = {"aud": "access", "iss": "quizrun", "sub": "ada", "exp": 2**33}
    assert_unauthorized(tokens.verify_access_token, jwt.encode(claims, SECRET[::-1], "HS256"))
    assert_unauthorized(tokens.verify_access_token, jwt.encode(claims, "", "none"))


@pytest.mark.parametrize("token", [None, 7, [], {}, b"x", "", "x" * 100_000, "é", "\ud800"])
def test_anything_but_a_token_is_unauthorized(tokens: Tokens, token: Any) -> None:
    assert_unauthorized(tokens.verify_access_token, token)
    assert_unauthorized(tokens.verify_player_token, token)


async def test_password_checks_beyond_the_queue_are_rejected_at_once() -> None:
    passwords = Passwords(threads=1, queue=1)
    checks = [passwords.matches(None, PASSWORD) for _ in range(5)]
    outcomes = await asyncio.gather(*checks, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, QuizrunError)]
    assert len(refused) == 3
    assert all(error.code is ErrorCode.UNAVAILABLE for error in refused)
    assert outcomes.count(False) == 2
    assert await passwords.matches(await passwords.hash(PASSWORD), PASSWORD)
    passwords.close()


async def test_an_invalid_stored_hash_matches_nothing() -> None:
    passwords = Passwords(threads=1, queue=1)
    assert not await passwords.matches("", PASSWORD)
    assert not await passwords.matches("not a hash", PASSWORD)
    passwords.close()


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)


def assert_unauthorized(verify: Any, token: Any) -> None:
    with pytest.raises(QuizrunError) as caught:
        verify(token)
    assert caught.value.code is ErrorCode.UNAUTHORIZED
