"""Sign-in by OpenID Connect with real providers (node-oidc-provider)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.check.oidc import check_oidc
from gateway.oidc.providers import ProviderSettings
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api, MakeApi, assert_problem, registration
from tests.gateway.http.openid import (
    PUBLIC,
    Browser,
    OpenIdProviders,
    error_in,
    openid_providers,
)

SIGN_IN = "/host/sign-in"


@pytest.fixture(scope="module")
async def openid() -> AsyncIterator[OpenIdProviders]:
    async with openid_providers() as running:
        yield running


@pytest.fixture(scope="module")
async def site(make_api: MakeApi, openid: OpenIdProviders) -> AsyncIterator[Api]:
    async with make_api(public_url=PUBLIC, oidc_providers=openid.settings(logout=True)) as api:
        yield api


@pytest.fixture
async def new_browser(site: Api) -> AsyncIterator[Callable[[], Browser]]:
    opened: list[Browser] = []

    def open_one() -> Browser:
        opened.append(Browser(site))
        return opened[-1]

    yield open_one
    for browser in opened:
        await browser.http.aclose()


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


def new_login() -> str:
    return f"{uuid4()}@example.com"


async def registered(browser: Browser, email: str, *, verified: bool) -> None:
    reply = await browser.call("POST", "/auth/register", registration(email=email))
    assert reply.status_code == 201
    if verified:
        account_id = reply.json()["user"]["id"]
        await browser.api.services.auth.accounts.verify_email(account_id, email, now_ms())
    browser.http.cookies.clear()


async def kinds_of_events(browser: Browser) -> list[str]:
    events = (await browser.call("GET", "/me/events")).json()["events"]
    return [event["kind"] for event in events]


async def test_the_providers_are_listed_for_the_sign_in_page(browser: Browser) -> None:
    listed = (await browser.call("GET", "/auth/providers")).json()["providers"]
    assert [(each["label"], each["login_url"]) for each in listed] == [
        ("School A", "/auth/oidc/a/login"),
        ("b", "/auth/oidc/b/login"),
    ]


@pytest.mark.parametrize("provider", ["a", "b"])
async def test_a_new_person_gets_an_account_and_returns_to_it(
    new_browser: Callable[[], Browser], provider: str
) -> None:
    first, again, email = new_browser(), new_browser(), new_login()
    assert await first.signs_in(provider, email, "/host/runs?page=2") == "/host/runs?page=2"
    account = await first.me()
    assert account is not None
    assert account["email"] == email
    assert account["display_name"] == "Ada Lovelace"
    assert account["language"] == "de"
    assert account["email_verified"]
    assert not account["has_password"]
    assert await kinds_of_events(first) == ["signed_in", "identity_linked"]
    assert await again.signs_in(provider, email) == "/host/quizzes"
    assert (await again.me()) == account
    sessions = (await again.call("GET", "/me/sessions")).json()["sessions"]
    assert {session["method"] for session in sessions} == {f"oidc:{provider}"}


async def test_a_verified_address_finds_its_account(browser: Browser) -> None:
    email = new_login()
    await registered(browser, email, verified=True)
    assert await browser.signs_in("a", email) == "/host/quizzes"
    account = await browser.me()
    assert account is not None
    assert account["has_password"]


async def test_an_account_that_has_not_verified_its_address_is_not_linked(
    browser: Browser,
) -> None:
    email = new_login()
    await registered(browser, email, verified=False)
    assert error_in(await browser.signs_in("a", email)) == f"{SIGN_IN} link_first"
    assert await browser.me() is None


async def test_an_account_with_a_second_factor_is_not_linked_by_its_address(
    browser: Browser, site: Api
) -> None:
    email = new_login()
    await registered(browser, email, verified=True)
    account = await site.services.auth.accounts.by_email(email)
    assert account is not None
    async with site.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO totp (account_id, sealed, last_step, created_at) "
                "VALUES (:id, '\\x00', 0, 0)"
            ),
            {"id": account.id},
        )
    assert error_in(await browser.signs_in("a", email)) == f"{SIGN_IN} factor_first"


async def test_an_address_unverified_by_the_provider_opens_no_account(
    browser: Browser,
) -> None:
    email = new_login()
    await registered(browser, email, verified=True)
    for provider in ("a", "b"):
        refused = await browser.signs_in(provider, f"unverified-{email}")
        assert error_in(refused) == f"{SIGN_IN} email_unverified"
        browser.http.cookies.clear()
    unknown = await browser.signs_in("a", f"unverified-{new_login()}")
    assert error_in(unknown) == f"{SIGN_IN} email_unverified"
    assert await browser.me() is None


async def test_a_new_address_at_the_provider_changes_nothing(browser: Browser, site: Api) -> None:
    email, other = new_login(), new_login()
    await browser.signs_in("a", email)
    before = await browser.me()
    async with site.engine.begin() as connection:
        await connection.execute(
            text("UPDATE accounts SET email = :new WHERE email = :old"),
            {"new": other, "old": email},
        )
    await browser.signs_in("a", email)
    after = await browser.me()
    assert before is not None
    assert after == before | {"email": other}


async def test_a_disabled_account_stays_disabled(browser: Browser, site: Api) -> None:
    email = new_login()
    await browser.signs_in("a", email)
    async with site.engine.begin() as connection:
        lock = text("UPDATE accounts SET disabled_at = 1 WHERE email = :email")
        await connection.execute(lock, {"email": email})
    assert error_in(await browser.signs_in("a", email)) == f"{SIGN_IN} account_disabled"
    assert await browser.me() is None


async def test_the_return_page_is_never_on_another_site(browser: Browser) -> None:
    assert await browser.signs_in("a", new_login(), "//evil.example/host/") == "/host/quizzes"


async def test_an_authorization_response_works_once(browser: Browser) -> None:
    url = await browser.signs_in_at(await browser.leaves("a"), new_login())
    kept = browser.http.cookies.get("quizrun_oidc") or ""
    assert await browser.comes_back(url) == "/host/quizzes"
    assert error_in(await browser.comes_back(url)) == f"{SIGN_IN} sign_in_expired"
    browser.http.cookies.set("quizrun_oidc", kept)
    assert error_in(await browser.comes_back(url)) == f"{SIGN_IN} sign_in_expired"


async def test_a_code_used_by_another_attempt_is_rejected_by_the_provider(
    browser: Browser,
) -> None:
    url = await browser.signs_in_at(await browser.leaves("a"), new_login())
    await browser.comes_back(url)
    code = parse_qs(urlsplit(url).query)["code"][0]
    fresh = await browser.signs_in_at(await browser.leaves("a"), "anybody")
    parts = parse_qs(urlsplit(fresh).query)
    injected = fresh.replace(parts["code"][0], code)
    assert error_in(await browser.comes_back(injected)) == f"{SIGN_IN} sign_in_expired"


async def test_an_authorization_response_works_only_in_the_same_browser(
    new_browser: Callable[[], Browser],
) -> None:
    mine, other = new_browser(), new_browser()
    url = await mine.signs_in_at(await mine.leaves("a"), new_login())
    assert error_in(await other.comes_back(url)) == f"{SIGN_IN} sign_in_expired"
    await other.leaves("a")
    assert error_in(await other.comes_back(url)) == f"{SIGN_IN} sign_in_expired"
    assert await mine.comes_back(url) == "/host/quizzes"


async def test_an_authorization_response_of_another_provider_is_rejected(
    browser: Browser, openid: OpenIdProviders
) -> None:
    await browser.leaves("b")
    url = await browser.signs_in_at(await browser.leaves("a"), new_login())
    crossed = url.replace("/a/callback", "/b/callback")
    assert error_in(await browser.comes_back(crossed)) == f"{SIGN_IN} sign_in_expired"
    assert urlsplit(openid.a).netloc in url.replace("%3A", ":")
    mixed = url.replace(str(urlsplit(openid.a).port), str(urlsplit(openid.b).port))
    assert error_in(await browser.comes_back(mixed)) == f"{SIGN_IN} issuer_mismatch"
    url = await browser.signs_in_at(await browser.leaves("a"), new_login())
    unnamed = url.split("&iss=", maxsplit=1)[0]
    assert error_in(await browser.comes_back(unnamed)) == f"{SIGN_IN} issuer_mismatch"


async def test_an_expired_id_token_is_rejected(browser: Browser, openid: OpenIdProviders) -> None:
    url = await browser.signs_in_at(await browser.leaves("a"), new_login())
    async with openid.clock_off_by(-2 * 3_600):
        refused = await browser.comes_back(url)
    assert error_in(refused) == f"{SIGN_IN} token_invalid"


async def test_a_sign_in_cancelled_at_the_provider_is_reported(browser: Browser) -> None:
    page = await browser.http.get(await browser.leaves("a"), follow_redirects=True)
    aborted = await browser.http.get(f"{page.url}/abort")
    while not aborted.headers["location"].startswith(PUBLIC):
        aborted = await browser.http.get(aborted.headers["location"])
    refused = await browser.comes_back(aborted.headers["location"])
    assert error_in(refused) == f"{SIGN_IN} access_denied"


async def test_an_identity_is_linked_listed_and_unlinked(
    new_browser: Callable[[], Browser],
) -> None:
    browser, stranger, login = new_browser(), new_browser(), new_login()
    account = registration()
    await browser.call("POST", "/auth/register", account)
    started = await browser.call("POST", "/me/identities/a", {})
    assert started.status_code == 200
    back = await browser.signs_in_at(started.json()["url"], login)
    assert await browser.comes_back(back) == "/host/account/identities"
    listed = (await browser.call("GET", "/me/identities")).json()
    assert listed["has_password"]
    identity = listed["identities"][0]
    assert (identity["label"], identity["email"]) == ("School A", login)
    await stranger.signs_in("a", login)
    assert (await stranger.me() or {})["email"] == account["email"]
    removed = await browser.call("DELETE", f"/me/identities/{identity['id']}")
    assert removed.status_code == 204
    assert (await kinds_of_events(browser))[0] == "identity_unlinked"
    again = await browser.call("DELETE", f"/me/identities/{identity['id']}")
    assert_problem(again, 404, "not_found")


async def test_the_last_way_to_sign_in_cannot_be_unlinked(browser: Browser) -> None:
    email = new_login()
    await browser.signs_in("a", email)
    await browser.signs_in("b", email)
    listed = (await browser.call("GET", "/me/identities")).json()["identities"]
    assert [each["provider"] for each in listed] == ["a", "b"]
    both = [browser.call("DELETE", f"/me/identities/{each['id']}") for each in listed]
    replies = await asyncio.gather(*both)
    assert sorted(reply.status_code for reply in replies) == [204, 409]
    assert_problem(max(replies, key=lambda reply: reply.status_code), 409, "last_way_in")


async def test_an_identity_belongs_to_one_account(new_browser: Callable[[], Browser]) -> None:
    first, second, login = new_browser(), new_browser(), new_login()
    await first.signs_in("a", login)
    await second.call("POST", "/auth/register", registration())
    url = (await second.call("POST", "/me/identities/a", {})).json()["url"]
    refused = await second.comes_back(await second.signs_in_at(url, login))
    assert error_in(refused) == "/host/account/identities identity_taken"


async def test_another_session_cannot_complete_the_link(new_browser: Callable[[], Browser]) -> None:
    browser = new_browser()
    await browser.call("POST", "/auth/register", registration())
    url = (await browser.call("POST", "/me/identities/a", {})).json()["url"]
    back = await browser.signs_in_at(url, new_login())
    await browser.call("POST", "/auth/register", registration())
    assert error_in(await browser.comes_back(back)) == "/host/account/identities session_changed"


async def test_a_reset_by_mail_removes_what_others_tied_to_the_address(
    new_browser: Callable[[], Browser], site: Api
) -> None:
    attacker, login, victim = new_browser(), new_login(), new_login()
    await attacker.call("POST", "/auth/register", registration(email=victim))
    url = (await attacker.call("POST", "/me/identities/a", {})).json()["url"]
    await attacker.comes_back(await attacker.signs_in_at(url, login))
    asked = {"name": "script", "scopes": ["quizzes:read"]}
    token_of_script = (await attacker.call("POST", "/me/api-tokens", asked)).json()["token"]
    account = await site.services.auth.accounts.by_email(victim)
    assert account is not None
    token = await site.services.auth.one_time_tokens.issue("reset_password", account.id, 60)
    body = {"token": token, "password": "purple elephant dances"}
    assert (await new_browser().call("POST", "/auth/password/reset", body)).status_code == 204
    assert await attacker.me() is None
    script = {"Authorization": f"Bearer {token_of_script}"}
    reply = await attacker.http.get(f"{site.url}/api/v1/quizzes", headers=script)
    assert_problem(reply, 401, "unauthorized")
    await attacker.signs_in("a", login)
    assert (await attacker.me() or {})["email"] == login
    owner = new_browser()
    await owner.signs_in("a", victim)
    assert (await owner.me() or {})["id"] == account.id


async def test_signing_out_continues_at_the_provider(
    browser: Browser, openid: OpenIdProviders
) -> None:
    await browser.signs_in("a", new_login())
    signed_out = await browser.call("POST", "/auth/logout")
    url = signed_out.json()["continue_at"]
    assert url.startswith(openid.a)
    page = await browser.http.get(url)
    assert page.status_code == 200
    assert "sign-out" in page.text
    assert await browser.me() is None
    browser.http.cookies.clear()
    await browser.signs_in("b", new_login())
    assert (await browser.call("POST", "/auth/logout")).status_code == 204


@asynccontextmanager
async def a_site_with(make_api: MakeApi, **provider: object) -> AsyncIterator[Browser]:
    settings = {"name": "c", "client_id": "quizrun", **provider}
    async with make_api(public_url=PUBLIC, oidc_providers=[settings]) as api:
        browser = Browser(api)
        yield browser
        await browser.http.aclose()


async def test_a_hanging_provider_times_out(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.oidc.web.TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issuer = f"http://localhost:{silent.getsockname()[1]}"
        async with a_site_with(make_api, issuer=issuer) as browser:
            refused = await browser.leaves("c", "/host/runs")
    assert error_in(refused) == f"{SIGN_IN} provider_unavailable"
    assert "next=%2Fhost%2Fruns" in refused


async def test_a_providers_outage_is_shown_on_the_sign_in_page(make_api: MakeApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with a_site_with(make_api, issuer=f"http://localhost:{port}") as browser:
        assert error_in(await browser.leaves("c")) == f"{SIGN_IN} provider_unavailable"
        assert error_in(await browser.leaves("nobody")) == f"{SIGN_IN} provider_unknown"
        await browser.call("POST", "/auth/register", registration())
        started = await browser.call("POST", "/me/identities/c", {})
        assert_problem(started, 503, "unavailable")


async def test_quizrun_check_checks_each_provider(openid: OpenIdProviders) -> None:
    reached = ProviderSettings(**openid.settings(logout=True)[0])
    found = await check_oidc(reached, PUBLIC)
    assert (found.ok, found.warnings) == (True, [])
    assert found.facts["redirect URI"] == f"{PUBLIC}/auth/oidc/a/callback"
    wrong = reached.model_copy(update={"issuer": f"{openid.a}/nothing"})
    (fault,) = (await check_oidc(wrong, PUBLIC)).faults
    assert "status 404" in fault


async def test_no_accounts_are_created_if_sign_up_is_off(
    make_api: MakeApi, openid: OpenIdProviders
) -> None:
    settings = openid.settings(create_accounts=False)
    async with make_api(public_url=PUBLIC, oidc_providers=settings) as api:
        browser = Browser(api)
        refused = await browser.signs_in("a", new_login())
        await browser.http.aclose()
    assert error_in(refused) == f"{SIGN_IN} account_unknown"


async def test_sign_ins_are_rate_limited_by_address(
    make_api: MakeApi, openid: OpenIdProviders
) -> None:
    async with make_api(
        public_url=PUBLIC, oidc_providers=openid.settings(), auth_limit_per_address=1
    ) as api:
        browser = Browser(api)
        locations = [await browser.leaves("a") for _ in range(3)]
        await browser.http.aclose()
    assert error_in(locations[-1]) == f"{SIGN_IN} too_many_requests"
