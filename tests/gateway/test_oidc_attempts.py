"""An attempt to sign in works once, even with a provider that accepts a code twice."""

from __future__ import annotations

from typing import Any, cast

import pytest

from db.redis import make_redis
from db.used_once import UsedOnce
from deploy.local.stack import Servers
from gateway.keys import KeyRing
from gateway.oidc.accounts import OidcAccounts
from gateway.oidc.attempt import Attempt, AttemptSeal
from gateway.oidc.client import OidcClient
from gateway.oidc.person import Person
from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal
from gateway.oidc.service import OidcSignIn

ADA = Person("https://id.example", "ada", None, "Ada", None)


async def test_an_attempt_works_once(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    async def person(*_: Any) -> Person:
        return ADA

    monkeypatch.setattr(OidcClient, "person", person)
    provider = ProviderSettings(
        name="a", issuer="https://id.example", client_id="quizrun", client_secret="secret"
    )
    redis = make_redis(servers.redis_url)
    try:
        sign_in = OidcSignIn(
            (provider,),
            "https://quiz.example",
            AttemptSeal(KeyRing("secret")),
            UsedOnce(redis),
            cast("OidcAccounts", None),
        )
        attempt = Attempt("a", "/host/quizzes")
        assert await sign_in.finish(attempt, {}) == (provider, ADA)
        with pytest.raises(OidcRefusedError) as caught:
            await sign_in.finish(attempt, {})
    finally:
        await redis.aclose()
    assert caught.value.code is Refusal.SIGN_IN_EXPIRED
