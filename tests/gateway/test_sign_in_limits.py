from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.account_events import SIGNED_IN, AccountEvents
from db.accounts import Accounts
from db.engine import make_engine
from db.failures import Failures
from db.ids import new_id
from db.redis import make_redis
from db.sessions import Origin
from deploy.local.stack import Servers
from gateway.addresses import network_of
from gateway.password_strength import check_strength
from gateway.sign_in_limits import FailureLimits, SignInLimits
from quiz.errors import ErrorCode, QuizrunError

LIMITS = FailureLimits(from_network=3, from_anywhere=6, window_s=60)


@pytest.fixture
async def engine(servers: Servers, database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url, name="limits")
    yield engine
    await engine.dispose()


@pytest.fixture
async def limits(servers: Servers, engine: AsyncEngine) -> AsyncIterator[SignInLimits]:
    redis = make_redis(servers.redis_url)
    yield SignInLimits(Failures(redis, LIMITS.window_s), AccountEvents(engine), LIMITS)
    await redis.aclose()


async def allowed(limits: SignInLimits, email: str, address: str) -> bool:
    try:
        await limits.check(email, address)
    except QuizrunError as error:
        assert error.code is ErrorCode.TOO_MANY_REQUESTS
        return False
    return True


async def test_a_guessing_network_is_blocked_and_others_are_not(limits: SignInLimits) -> None:
    email = f"{new_id()}@example.org"
    for _ in range(3):
        assert await allowed(limits, email, "2001:db8::1")
        await limits.failed(email.upper(), "2001:db8::1")
    assert not await allowed(limits, email, "2001:db8::2")  # the same /64
    assert await allowed(limits, email, "2001:db8:0:1::1")
    assert await allowed(limits, f"{new_id()}@example.org", "2001:db8::1")


async def test_guessing_from_many_addresses_does_not_lock_the_owner_out(
    limits: SignInLimits, engine: AsyncEngine
) -> None:
    account = await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")
    await AccountEvents(engine).record(account.id, SIGNED_IN, Origin("192.0.2.7", "test"))
    for number in range(6):
        await limits.failed(account.email, f"198.51.100.{number}")
    assert not await allowed(limits, account.email, "198.51.100.200")
    assert await allowed(limits, account.email, "192.0.2.7")


async def test_guessing_is_rate_limited_without_redis(engine: AsyncEngine) -> None:
    away = make_redis("redis://127.0.0.1:9/0")
    limits = SignInLimits(Failures(away, LIMITS.window_s), AccountEvents(engine), LIMITS)
    email = f"{new_id()}@example.org"
    for _ in range(3):
        assert await allowed(limits, email, "192.0.2.7")
        await limits.failed(email, "192.0.2.7")
    assert not await allowed(limits, email, "192.0.2.7")
    await away.aclose()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_a_network_is_that_of_one_customer(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    "password",
    ["password123", "Passw0rd!", "12345678", "qwertzuiop", "ada.lovelace1", "quizrun1"],
)
def test_common_passwords_are_rejected(password: str) -> None:
    with pytest.raises(QuizrunError) as refused:
        check_strength(password, "ada.lovelace@school.example", "Ada")
    assert refused.value.code is ErrorCode.PASSWORD_WEAK


@pytest.mark.parametrize("password", ["correct horse", "Zug-Wolke-Tinte", "h4Qz!t0Rw"])
def test_strong_passwords_are_accepted(password: str) -> None:
    check_strength(password, "ada@school.example", "Ada")
