"""Passwords, addresses and sessions of an account, with links from mail."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from db.outgoing_mail import InboxMail
from tests.gateway.http.conftest import PASSWORD, Api, MakeApi, assert_problem, registration

NEW = "purple elephant dances"


@pytest.fixture(scope="module")
async def mailing(make_api: MakeApi) -> AsyncIterator[Api]:
    """An API that delivers mail to its inbox."""
    async with make_api(mail_inbox=True, public_url="http://quiz.example") as api:
        sending = asyncio.create_task(api.services.process.mailer.run())
        yield api
        sending.cancel()


@pytest.fixture
async def browser(mailing: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(mailing) as client:
        yield client


def a_browser(api: Api, agent: str = "Mozilla/5.0 (X11; Linux) Firefox/140.0") -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{api.url}/api/v1", timeout=30, headers={"User-Agent": agent}
    )


async def registered(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    account = registration() | more
    assert (await client.post("/auth/register", json=account)).status_code == 201
    return account


async def mail_to(api: Api, email: str, subject: str) -> InboxMail:
    """Wait for a mail with this subject and return the latest."""
    async with asyncio.timeout(15):
        while True:
            for mail in await api.services.operations.inbox.latest(50):
                if (mail.recipient, mail.subject) == (email, subject):
                    return mail
            await asyncio.sleep(0.05)


def token_in(mail: InboxMail) -> str:
    found = re.search(r"#([\w-]+)", mail.text)
    assert found is not None
    return found[1]


async def subjects(api: Api, email: str) -> list[str]:
    return [
        mail.subject
        for mail in await api.services.operations.inbox.latest(50)
        if mail.recipient == email
    ]


async def test_a_forgotten_password_is_reset_by_mail(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    async with a_browser(mailing) as elsewhere:
        asked = await elsewhere.post("/auth/password/forgot", json={"email": account["email"]})
        assert asked.status_code == 202
        token = token_in(await mail_to(mailing, account["email"], "Reset your password"))
        weak = await elsewhere.post(
            "/auth/password/reset", json={"token": token, "password": "password123"}
        )
        assert_problem(weak, 422, "password_weak")
        body = {"token": token, "password": NEW}
        assert (await elsewhere.post("/auth/password/reset", json=body)).status_code == 204
        assert_problem(await elsewhere.post("/auth/password/reset", json=body), 410, "link_expired")
        assert_problem(await browser.get("/me"), 401, "unauthorized")
        credentials = {"email": account["email"], "password": NEW}
        assert (await elsewhere.post("/auth/login", json=credentials)).status_code == 200
    await mail_to(mailing, account["email"], "Your password was changed")


async def test_responses_do_not_reveal_who_has_an_account(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    replies = set()
    async with mailing.engine.begin() as other:
        # Nobody can look an account up: neither reply waits for what is found.
        await other.execute(text("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE"))
        for email in (account["email"], "nobody@example.com"):
            response = await browser.post("/auth/password/forgot", json={"email": email})
            replies.add((response.status_code, response.content))
    assert len(replies) == 1
    await mail_to(mailing, account["email"], "Reset your password")


async def test_an_account_gets_at_most_five_mails_an_hour(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    for _ in range(8):
        response = await browser.post("/auth/password/forgot", json={"email": account["email"]})
        assert response.status_code == 202
    await registered(browser)  # all earlier mail was processed by then
    async with asyncio.timeout(15):
        while (await subjects(mailing, account["email"])).count("Reset your password") < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (await subjects(mailing, account["email"])).count("Reset your password") == 5


async def test_an_address_is_verified_by_the_link_in_a_mail(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser, language="de")
    mail = await mail_to(mailing, account["email"], "Bestätige deine E-Mail-Adresse")
    assert "http://quiz.example/host/verify-email#" in mail.text
    assert not (await browser.get("/me/profile")).json()["email_verified"]
    verified = await browser.post("/auth/email/verify", json={"token": token_in(mail)})
    assert verified.json()["email"] == account["email"]
    assert (await browser.get("/me/profile")).json()["email_verified"]
    again = await browser.post("/auth/email/verify", json={"token": token_in(mail)})
    assert_problem(again, 410, "link_expired")


async def test_a_new_address_is_used_once_its_link_is_opened(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account, new = await registered(browser), registration()["email"]
    wrong = await browser.post("/me/email", json={"email": new, "password": "not this one"})
    assert_problem(wrong, 401, "credentials_invalid")
    asked = await browser.post("/me/email", json={"email": new, "password": PASSWORD})
    assert asked.status_code == 202
    assert (await browser.get("/me")).json()["email"] == account["email"]
    mail = await mail_to(mailing, new, "Confirm your new email address")
    await browser.post("/auth/email/verify", json={"token": token_in(mail)})
    assert (await browser.get("/me")).json()["email"] == new
    await mail_to(mailing, account["email"], "Your email address was changed")


async def test_an_address_taken_in_the_meantime_is_rejected(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account, new = await registered(browser), registration()
    await browser.post("/me/email", json={"email": new["email"], "password": PASSWORD})
    mail = await mail_to(mailing, new["email"], "Confirm your new email address")
    async with a_browser(mailing) as other:
        await other.post("/auth/register", json=new)
    refused = await browser.post("/auth/email/verify", json={"token": token_in(mail)})
    assert_problem(refused, 409, "email_taken")
    assert (await browser.get("/me")).json()["email"] == account["email"]


async def test_a_changed_password_ends_the_other_sessions(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    async with a_browser(mailing) as other:
        await other.post("/auth/login", json={"email": account["email"], "password": PASSWORD})
        wrong = {"current": "not this one", "password": NEW}
        assert_problem(await browser.post("/me/password", json=wrong), 401, "credentials_invalid")
        right = {"current": PASSWORD, "password": NEW}
        assert (await browser.post("/me/password", json=right)).status_code == 204
        assert_problem(await other.get("/me"), 401, "unauthorized")
    assert (await browser.get("/me")).status_code == 200


async def test_an_old_session_cannot_change_the_password_without_it(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    async with mailing.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE sessions SET created_at = created_at - 1000000 WHERE account_id ="
                " (SELECT id FROM accounts WHERE email = :email)"
            ),
            {"email": account["email"]},
        )
    refused = await browser.post("/me/password", json={"password": NEW})
    assert_problem(refused, 403, "sign_in_again")


async def test_sessions_are_listed_with_their_device_and_ended_one_by_one(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36"
    async with a_browser(mailing, chrome) as other:
        await other.post("/auth/login", json={"email": account["email"], "password": PASSWORD})
        sessions = (await browser.get("/me/sessions")).json()["sessions"]
        devices = {item["device"]: item for item in sessions}
        assert set(devices) == {"Firefox, Linux", "Chrome, Windows"}
        assert devices["Firefox, Linux"]["current"]
        assert devices["Chrome, Windows"]["address"] == "127.0.0.1"
        await mail_to(mailing, account["email"], "New sign-in to your account")
        ended = await browser.delete(f"/me/sessions/{devices['Chrome, Windows']['id']}")
        assert ended.status_code == 204
        assert_problem(await other.get("/me"), 401, "unauthorized")
    assert_problem(await browser.delete("/me/sessions/nonsense"), 404, "not_found")
    kinds = [item["kind"] for item in (await browser.get("/me/events")).json()["events"]]
    assert kinds == ["session_ended", "signed_in", "signed_in"]


async def test_signing_out_everywhere_else_keeps_this_session(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    async with a_browser(mailing) as other:
        await other.post("/auth/login", json={"email": account["email"], "password": PASSWORD})
        assert (await browser.delete("/me/sessions")).status_code == 204
        assert_problem(await other.get("/me"), 401, "unauthorized")
    assert len((await browser.get("/me/sessions")).json()["sessions"]) == 1


async def test_the_log_of_an_account_has_pages(mailing: Api, browser: httpx.AsyncClient) -> None:
    await registered(browser)
    for name in ("Ada L.", "Ada"):
        await browser.patch("/me/profile", json={"display_name": name, "language": "fr"})
        await browser.delete("/me/sessions")
    first = (await browser.get("/me/events", params={"limit": 2})).json()
    assert [item["kind"] for item in first["events"]] == ["other_sessions_ended"] * 2
    second = (await browser.get("/me/events", params={"limit": 2, "before": first["next"]})).json()
    assert [item["kind"] for item in second["events"]] == ["signed_in"]
    assert second["next"] is None
    profile = (await browser.get("/me/profile")).json()
    assert (profile["display_name"], profile["language"]) == ("Ada", "fr")


async def test_an_outdated_hash_is_renewed_when_its_owner_signs_in(
    mailing: Api, browser: httpx.AsyncClient
) -> None:
    account = await registered(browser)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    find = text("SELECT password_hash FROM accounts WHERE email = :email")
    async with mailing.engine.begin() as connection:
        await connection.execute(
            text("UPDATE accounts SET password_hash = :hash WHERE email = :email"),
            {"hash": weak, "email": account["email"]},
        )
    credentials = {"email": account["email"], "password": PASSWORD}
    for _ in range(2):
        assert (await browser.post("/auth/login", json=credentials)).status_code == 200
    async with mailing.engine.connect() as connection:
        stored = (await connection.execute(find, {"email": account["email"]})).scalar_one()
    assert "m=19456,t=2" in stored


async def test_a_server_without_mail_reports_it(api: Api, anyone: httpx.AsyncClient) -> None:
    await anyone.post("/auth/register", json=registration())
    refused = await anyone.post("/me/email/verification")
    assert_problem(refused, 409, "mail_not_configured")
    assert_problem(await anyone.get("/inbox"), 404, "not_found")
    assert (await anyone.get("/about")).json()["mail"] is False


async def test_the_inbox_is_open_to_this_machine_only(make_api: MakeApi) -> None:
    async with make_api(mail_inbox=True) as api, a_browser(api) as client:
        assert (await client.get("/inbox")).status_code == 200
        assert (await client.get("/about")).json()["mail"] is True
    # A proxied client's address, such as a pupil's phone on the same network.
    from gateway.http.inbox import _is_this_machine  # noqa: PLC0415

    def request_from(host: str) -> Any:
        return type("Request", (), {"client": type("Client", (), {"host": host})})

    hosts = ("127.0.0.1", "::1", "192.168.1.20", "")
    assert [_is_this_machine(request_from(host)) for host in hosts] == [True, True, False, False]
