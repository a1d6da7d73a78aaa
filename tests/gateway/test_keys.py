"""A secret is replaced step by step; what it signed stays valid until it is retired."""

from __future__ import annotations

import jwt
import pytest
from cryptography.fernet import InvalidToken
from pydantic import SecretStr

from gateway.factors.challenges import Challenges
from gateway.keys import KeyRing
from gateway.oidc.attempt import Attempt, AttemptSeal
from gateway.security import Tokens
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

OLD, NEW, OTHER = ("old secret ".ljust(40, "."), "new secret ".ljust(40, "."), "x" * 40)


def tokens(*secrets: str) -> Tokens:
    return Tokens(KeyRing(*secrets), now_ms=now_ms, access_ttl_s=60, player_ttl_s=60)


@pytest.mark.parametrize(("signing", "verifying"), [((OLD,), (OLD, NEW)), ((NEW, OLD), (OLD, NEW))])
def test_gateways_accept_each_others_signatures_at_every_step(
    signing: tuple[str, ...], verifying: tuple[str, ...]
) -> None:
    here, there = tokens(*signing), tokens(*verifying)
    assert there.verify_access_token(here.sign_access_token("ada", "session")).account_id == "ada"
    assert there.verify_player_token(here.sign_player_token("run", "bob")) == ("run", "bob")
    assert there.verify_review_token(here.sign_review_token("run", "bob")) == ("run", "bob")
    attempt = Attempt("provider", "/host/quizzes")
    ours, theirs = AttemptSeal(KeyRing(*signing)), AttemptSeal(KeyRing(*verifying))
    assert theirs.open(ours.seal(attempt)) == attempt
    challenge = Challenges(None, KeyRing(*signing)).issue("sign in")  # type: ignore[arg-type]
    checks = Challenges(None, KeyRing(*verifying))  # type: ignore[arg-type]
    assert checks.is_valid(challenge, "sign in")
    assert not checks.is_valid(challenge, "link")
    kept = KeyRing(*signing).seal(b"mail").encrypt(b"link")
    assert KeyRing(*verifying).seal(b"mail").decrypt(kept) == b"link"


def test_a_token_names_its_key_but_does_not_reveal_it() -> None:
    token = tokens(NEW, OLD).sign_access_token("ada")
    key_id = jwt.get_unverified_header(token)["kid"]
    assert key_id == KeyRing(NEW).signing.id != KeyRing(OLD).signing.id
    assert NEW not in key_id


def test_a_retired_key_is_refused() -> None:
    with pytest.raises(QuizrunError, match="invalid or expired"):
        tokens(NEW).verify_access_token(tokens(OLD).sign_access_token("ada"))
    with pytest.raises(InvalidToken):
        KeyRing(NEW).seal(b"mail").decrypt(KeyRing(OLD).seal(b"mail").encrypt(b"link"))


@pytest.mark.parametrize("key_id", ["unknown", "", KeyRing(OTHER).signing.id])
def test_an_unknown_key_is_refused_even_if_a_known_one_signed(key_id: str) -> None:
    claims = {"aud": "access", "iss": "quizrun", "sub": "ada", "exp": now_ms() // 1000 + 60}
    forged = jwt.encode(claims, NEW, "HS256", headers={"kid": key_id})
    with pytest.raises(QuizrunError, match="invalid or expired"):
        tokens(NEW, OLD).verify_access_token(forged)


def test_the_key_id_does_not_choose_the_key_of_another_signature() -> None:
    claims = {"aud": "access", "iss": "quizrun", "sub": "ada", "exp": now_ms() // 1000 + 60}
    forged = jwt.encode(claims, OTHER, "HS256", headers={"kid": KeyRing(NEW).signing.id})
    with pytest.raises(QuizrunError, match="invalid or expired"):
        tokens(NEW, OLD).verify_access_token(forged)


def test_tokens_of_releases_without_key_ids_are_accepted() -> None:
    claims = {"aud": "access", "iss": "quizrun", "sub": "ada", "exp": now_ms() // 1000 + 60}
    for secret in (NEW, OLD):
        assert tokens(NEW, OLD).verify_access_token(jwt.encode(claims, secret, "HS256"))
    with pytest.raises(QuizrunError, match="invalid or expired"):
        tokens(NEW, OLD).verify_access_token(jwt.encode(claims, OTHER, "HS256"))


def test_a_ring_comes_from_the_settings() -> None:
    class Settings:
        secret, accepted_secrets = SecretStr(NEW), (SecretStr(OLD), SecretStr(NEW))

    ring = KeyRing.of(Settings())  # type: ignore[arg-type]
    assert ring.signing.secret == NEW
    assert [key.secret for key in ring.verifying(None)] == [NEW, OLD]
