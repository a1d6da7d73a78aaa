"""Two-step sign-in: authenticator apps, recovery codes, passkeys after a password."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import text

from telemetry.clock import now_ms
from tests.gateway.http.authenticator import PRESENT, Authenticator
from tests.gateway.http.conftest import PASSWORD, Api, MakeApi, assert_problem
from tests.gateway.http.test_passkeys import (
    ORIGIN,
    a_browser,
    add,
    credentials,
    grow_old,
    kinds,
    registered,
)


class Host:
    """An account with an authenticator app.

    It is set up with the code of this time step and used with that of the next one: both are
    valid now, and remain so if the step ends before they reach the server.
    """

    def __init__(self, account: dict[str, str], browser: httpx.AsyncClient) -> None:
        self.account, self.browser = account, browser
        self.key = ""
        self.recovery_codes: list[str] = []

    def code(self, steps: int = 1) -> str:
        return pyotp.TOTP(self.key).at(time.time(), counter_offset=steps)

    async def set_up_app(self) -> httpx.Response:
        setup = (await self.browser.post("/me/totp/setup", json={})).json()
        self.key = setup["key"]
        body = {"token": setup["token"], "code": self.code(0)}
        added = await self.browser.post("/me/totp", json=body)
        assert added.status_code == 201, added.text
        self.recovery_codes = added.json()["recovery_codes"] or self.recovery_codes
        return added

    async def first_step(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """Sign in with the password; return the offered second step."""
        response = await client.post("/auth/login", json=credentials(self.account))
        offer: dict[str, Any] = assert_problem(response, 401, "second_factor_required")[
            "second_factor"
        ]
        return offer


@pytest.fixture
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(api) as client:
        yield client


@pytest.fixture
async def elsewhere(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is not signed in."""
    async with a_browser(api) as client:
        yield client


@pytest.fixture
async def host(browser: httpx.AsyncClient) -> Host:
    host = Host(await registered(browser), browser)
    await host.set_up_app()
    return host


async def second_step(
    client: httpx.AsyncClient, offer: dict[str, Any], **answer: Any
) -> httpx.Response:
    body = {"token": offer["token"], **answer}
    return await client.post("/auth/login/second-factor", json=body)


async def refused(client: httpx.AsyncClient, offer: dict[str, Any], **answer: Any) -> None:
    response = await second_step(client, offer, **answer)
    assert_problem(response, 401, "second_factor_invalid")


async def test_a_password_and_a_code_sign_in(host: Host, elsewhere: httpx.AsyncClient) -> None:
    offer = await host.first_step(elsewhere)
    assert (offer["methods"], offer["expires_in"]) == (["totp", "recovery_code"], 300)
    assert not elsewhere.cookies
    code = host.code()
    signed_in = await second_step(elsewhere, offer, code=f"{code[:3]} {code[3:]}")
    assert signed_in.status_code == 200, signed_in.text
    assert signed_in.json()["user"]["email"] == host.account["email"]
    sessions = (await elsewhere.get("/me/sessions")).json()["sessions"]
    assert next(item for item in sessions if item["current"])["method"] == "password+totp"
    assert (await elsewhere.get("/me/factors")).json()["totp"]["last_used_at"] is not None
    again = await second_step(elsewhere, offer, code=host.code())
    assert_problem(again, 403, "sign_in_again")


async def test_an_app_takes_effect_once_a_code_is_confirmed(
    api: Api, browser: httpx.AsyncClient
) -> None:
    host = Host(await registered(browser), browser)
    setup = (await browser.post("/me/totp/setup", json={})).json()
    assert f"secret={setup['key']}" in setup["uri"]
    assert setup["uri"].startswith("otpauth://totp/Quizrun:")
    wrong = await browser.post("/me/totp", json={"token": setup["token"], "code": "12345"})
    assert_problem(wrong, 401, "second_factor_invalid")
    assert (await browser.post("/auth/login", json=credentials(host.account))).status_code == 200
    assert (await browser.get("/me/factors")).json()["totp"] is None
    async with a_browser(api) as other:
        await registered(other)
        code = pyotp.TOTP(setup["key"]).now()
        stolen = await other.post("/me/totp", json={"token": setup["token"], "code": code})
        assert_problem(stolen, 410, "link_expired")
    await host.set_up_app()
    assert_problem(await browser.post("/me/totp/setup", json={}), 409, "factor_conflict")
    async with api.engine.connect() as connection:
        found = await connection.execute(text("SELECT sealed FROM totp"))
        assert all(host.key.encode() not in sealed for sealed in found.scalars())
    assert "totp_added" in await kinds(browser)


async def test_a_code_works_once(host: Host, elsewhere: httpx.AsyncClient) -> None:
    offers = [await host.first_step(elsewhere) for _ in range(3)]
    code = host.code()
    tries = [second_step(elsewhere, offer, code=code) for offer in offers]
    replies = await asyncio.gather(*tries)
    assert sorted(reply.status_code for reply in replies) == [200, 401, 401]
    # nor does one older than the last
    await refused(elsewhere, await host.first_step(elsewhere), code=host.code(0))


async def test_codes_of_other_time_steps_are_rejected(
    host: Host, elsewhere: httpx.AsyncClient
) -> None:
    offer = await host.first_step(elsewhere)
    for code in (host.code(-3), host.code(4), "000", "x" * 6, "１２３４５６"):
        await refused(elsewhere, offer, code=code)


async def test_a_recovery_code_signs_in_once(host: Host, elsewhere: httpx.AsyncClient) -> None:
    used, other = host.recovery_codes[:2]
    offers = [await host.first_step(elsewhere) for _ in range(3)]
    tries = [second_step(elsewhere, offer, recovery_code=used) for offer in offers]
    replies = await asyncio.gather(*tries)
    assert sorted(reply.status_code for reply in replies) == [200, 401, 401]
    written = other.upper().replace("-", " ")
    offer = await host.first_step(elsewhere)
    assert (await second_step(elsewhere, offer, recovery_code=written)).status_code == 200
    assert (await elsewhere.get("/me/factors")).json()["recovery_codes_left"] == 8
    assert (await kinds(elsewhere)).count("recovery_code_used") == 2


async def test_new_recovery_codes_invalidate_the_old_ones(
    host: Host, elsewhere: httpx.AsyncClient, api: Api
) -> None:
    await grow_old(api, host.browser)
    path = "/me/recovery-codes"
    assert_problem(await host.browser.post(path, json={}), 403, "sign_in_again")
    renewed = (await host.browser.post(path, json={"password": PASSWORD})).json()["recovery_codes"]
    assert not set(renewed) & set(host.recovery_codes)
    offer = await host.first_step(elsewhere)
    await refused(elsewhere, offer, recovery_code=host.recovery_codes[0])
    assert (await second_step(elsewhere, offer, recovery_code=renewed[0])).status_code == 200
    async with api.engine.connect() as connection:
        found = await connection.execute(text("SELECT code_hash FROM recovery_codes"))
        assert all(renewed[1].encode() not in stored for stored in found.scalars())


async def test_a_passkey_is_the_second_step_even_without_a_pin(
    browser: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    host, key = Host(await registered(browser), browser), Authenticator(ORIGIN)
    await add(browser, key)
    offer = await host.first_step(elsewhere)
    assert offer["methods"] == ["passkey", "recovery_code"]
    assert len(offer["passkey_options"]["allowCredentials"]) == 1
    key.flags = PRESENT
    other = await host.first_step(elsewhere)
    await refused(elsewhere, offer, passkey=key.get(other["passkey_options"]))
    signed_in = await second_step(elsewhere, offer, passkey=key.get(offer["passkey_options"]))
    assert signed_in.status_code == 200, signed_in.text


async def test_a_passkey_of_another_account_is_rejected_as_second_factor(
    browser: httpx.AsyncClient, elsewhere: httpx.AsyncClient, host: Host
) -> None:
    mine, theirs = Authenticator(ORIGIN), Authenticator(ORIGIN)
    await add(host.browser, mine)
    await registered(elsewhere)
    await add(elsewhere, theirs)
    offer = await host.first_step(elsewhere)
    await refused(elsewhere, offer, passkey=theirs.get(offer["passkey_options"]))


async def test_another_factor_creates_no_recovery_codes_if_some_are_left(host: Host) -> None:
    response = await add(host.browser, Authenticator(ORIGIN))
    assert response.json()["recovery_codes"] is None


async def test_without_factors_the_password_is_enough_again(
    host: Host, elsewhere: httpx.AsyncClient, api: Api
) -> None:
    await grow_old(api, host.browser)
    assert_problem(await host.browser.post("/me/totp/remove", json={}), 403, "sign_in_again")
    body = {"password": PASSWORD}
    assert (await host.browser.post("/me/totp/remove", json=body)).status_code == 204
    assert_problem(await host.browser.post("/me/totp/remove", json=body), 404, "not_found")
    assert (await host.browser.get("/me/factors")).json()["recovery_codes_left"] == 0
    again = await host.browser.post("/me/recovery-codes", json=body)
    assert_problem(again, 409, "factor_conflict")
    signed_in = await elsewhere.post("/auth/login", json=credentials(host.account))
    assert signed_in.status_code == 200


async def test_a_token_allows_five_attempts_even_concurrently(
    host: Host, elsewhere: httpx.AsyncClient
) -> None:
    offer = await host.first_step(elsewhere)
    replies = await asyncio.gather(
        *(second_step(elsewhere, offer, code="000000") for _ in range(7))
    )
    assert sorted(reply.status_code for reply in replies) == [401] * 5 + [403] * 2
    right = await second_step(elsewhere, offer, code=host.code())
    assert_problem(right, 403, "sign_in_again")
    assert "second_factor_failed" in await kinds(host.browser)


async def test_guessing_codes_is_rate_limited_across_tokens(
    host: Host, elsewhere: httpx.AsyncClient
) -> None:
    for _ in range(2):
        offer = await host.first_step(elsewhere)
        for _ in range(5):
            await refused(elsewhere, offer, code="000000")
    offer = await host.first_step(elsewhere)
    limited = await second_step(elsewhere, offer, code=host.code())
    assert_problem(limited, 429, "too_many_requests")
    assert "reset the password" not in limited.json()["detail"]


async def test_a_token_expires(
    host: Host, elsewhere: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer, later = await host.first_step(elsewhere), now_ms() + 301_000
    monkeypatch.setattr("db.one_time_tokens.now_ms", lambda: later)
    late = await second_step(elsewhere, offer, code=host.code())
    assert_problem(late, 403, "sign_in_again")


async def test_a_token_works_at_another_gateway(host: Host, make_api: MakeApi) -> None:
    async with make_api() as second, a_browser(second) as elsewhere:
        offer = await host.first_step(host.browser)
        assert (await second_step(elsewhere, offer, code=host.code())).status_code == 200


async def test_second_factors_are_only_revealed_after_the_password(
    host: Host, elsewhere: httpx.AsyncClient
) -> None:
    replies = []
    for email in (host.account["email"], "nobody@example.com"):
        body = {"email": email, "password": "not this one"}
        replies.append(await elsewhere.post("/auth/login", json=body))
    assert {(reply.status_code, reply.text) for reply in replies} == {(401, replies[0].text)}
    made_up = await second_step(elsewhere, {"token": "made-up"}, code="000000")
    assert_problem(made_up, 403, "sign_in_again")


async def test_neither_a_new_password_nor_a_repeated_registration_skips_the_second_step(
    api: Api, host: Host, elsewhere: httpx.AsyncClient
) -> None:
    repeat = await elsewhere.post(
        "/auth/register", json=host.account, headers={"Idempotency-Key": "once"}
    )
    assert_problem(repeat, 401, "second_factor_required")
    account_id = (await host.browser.get("/me")).json()["id"]
    await api.services.auth.accounts.verify_email(account_id, host.account["email"], now_ms())
    token = await api.services.auth.one_time_tokens.issue("reset_password", account_id, 60)
    body = {"token": token, "password": "purple elephant dances"}
    assert (await elsewhere.post("/auth/password/reset", json=body)).status_code == 204
    host.account["password"] = body["password"]
    assert "totp" in (await host.first_step(elsewhere))["methods"]
    assert_problem(await elsewhere.get("/me"), 401, "unauthorized")


@pytest.mark.parametrize("answer", [{}, {"code": "000000", "recovery_code": "a"}])
async def test_a_second_step_takes_exactly_one_factor(
    elsewhere: httpx.AsyncClient, answer: dict[str, str]
) -> None:
    response = await second_step(elsewhere, {"token": "any"}, **answer)
    assert_problem(response, 422, "payload_invalid")


async def test_recovery_codes_survive_a_change_of_the_secret(host: Host, make_api: MakeApi) -> None:
    async with make_api(secret="another secret".ljust(40, "!")) as api, a_browser(api) as client:
        offer = await host.first_step(client)
        await refused(client, offer, code=host.code())
        answer = {"recovery_code": host.recovery_codes[0]}
        assert (await second_step(client, offer, **answer)).status_code == 200


async def test_owners_are_notified_by_mail(make_api: MakeApi) -> None:
    async with make_api(mail_inbox=True) as api, a_browser(api) as browser:
        sending = asyncio.create_task(api.services.process.mailer.run())
        host = Host(await registered(browser), browser)
        await host.set_up_app()
        await add(browser, Authenticator(ORIGIN), "My laptop")
        async with asyncio.timeout(15):
            while True:
                latest = await api.services.operations.inbox.latest(50)
                mails = {
                    item.subject: item for item in latest if item.recipient == host.account["email"]
                }
                if "A passkey was added to your account" in mails:
                    break
                await asyncio.sleep(0.05)
        assert "My laptop" in mails["A passkey was added to your account"].text
        assert "An authenticator app was added to your account" in mails
        sending.cancel()
