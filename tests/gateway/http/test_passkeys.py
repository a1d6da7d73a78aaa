"""Passkeys: registration, sign-in, and rejection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from db.passkeys import Passkey as Stored
from gateway.factors.relying_party import relying_party
from telemetry.clock import now_ms
from tests.gateway.http.authenticator import (
    BACKED_UP,
    BACKUP_ELIGIBLE,
    PRESENT,
    VERIFIED,
    Authenticator,
    decoded,
    encoded,
)
from tests.gateway.http.conftest import (
    PASSWORD,
    Api,
    MakeApi,
    assert_problem,
    registration,
)

ORIGIN = "http://localhost:8000"


@asynccontextmanager
async def a_browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30) as client:
        yield client


async def registered(client: httpx.AsyncClient) -> dict[str, str]:
    account = registration()
    assert (await client.post("/auth/register", json=account)).status_code == 201
    return account


async def creation_options(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.post("/me/passkeys/options", json={})
    assert response.status_code == 200, response.text
    options: dict[str, Any] = response.json()["options"]
    return options


async def add(
    client: httpx.AsyncClient, key: Authenticator, name: str = "Laptop"
) -> httpx.Response:
    options = await creation_options(client)
    return await client.post("/me/passkeys", json={"name": name, "credential": key.create(options)})


async def request_options(client: httpx.AsyncClient) -> dict[str, Any]:
    options: dict[str, Any] = (await client.post("/auth/passkey/options")).json()["options"]
    return options


async def sign_in(client: httpx.AsyncClient, credential: dict[str, Any]) -> httpx.Response:
    return await client.post("/auth/passkey", json={"credential": credential})


async def kinds(client: httpx.AsyncClient) -> list[str]:
    return [event["kind"] for event in (await client.get("/me/events")).json()["events"]]


@pytest.fixture
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(api) as client:
        yield client


@pytest.fixture
async def host(browser: httpx.AsyncClient) -> dict[str, str]:
    """The account that `browser` is signed in to."""
    return await registered(browser)


@pytest.fixture
def key() -> Authenticator:
    return Authenticator(ORIGIN)


async def stored(api: Api, client: httpx.AsyncClient) -> list[Stored]:
    account_id = (await client.get("/me")).json()["id"]
    return await api.services.sign_in.factors.held_passkeys.of_account(account_id)


async def test_a_passkey_alone_signs_in(
    api: Api, browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator
) -> None:
    options = await creation_options(browser)
    assert options["rp"] == {"id": "localhost", "name": "Quizrun"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    key.flags |= BACKUP_ELIGIBLE | BACKED_UP
    added = await browser.post(
        "/me/passkeys", json={"name": " Laptop ", "credential": key.create(options)}
    )
    assert added.status_code == 201, added.text
    assert added.json()["passkey"]["name"] == "Laptop"
    assert added.json()["passkey"]["backed_up"]
    assert len(set(added.json()["recovery_codes"])) == 10
    async with a_browser(api) as elsewhere:
        wanted = await request_options(elsewhere)
        assert wanted["allowCredentials"] == []
        assert wanted["userVerification"] == "required"
        signed_in = await sign_in(elsewhere, key.get(wanted))
        assert signed_in.status_code == 200, signed_in.text
        assert (await elsewhere.get("/me")).json()["email"] == host["email"]
        sessions = (await elsewhere.get("/me/sessions")).json()["sessions"]
        assert {item["method"] for item in sessions} == {"password", "passkey"}
    (found,) = await stored(api, browser)
    assert (found.backup_eligible, found.backed_up) == (True, True)
    assert found.transports == ["internal", "hybrid"]
    assert found.last_used_at is not None
    assert "passkey_added" in await kinds(browser)


async def test_passkeys_are_listed_renamed_and_removed(
    api: Api, browser: httpx.AsyncClient, host: dict[str, str]
) -> None:
    first, second = Authenticator(ORIGIN), Authenticator(ORIGIN)
    ids = [
        (await add(browser, item, name)).json()["passkey"]["id"]
        for item, name in ((first, "Laptop"), (second, "Phone"))
    ]
    excluded = (await creation_options(browser))["excludeCredentials"]
    assert [decoded(item["id"]) for item in excluded] == [
        first.passkeys[0].id,
        second.passkeys[0].id,
    ]
    renamed = await browser.patch(f"/me/passkeys/{ids[1]}", json={"name": "Tablet"})
    assert renamed.status_code == 204
    listed = (await browser.get("/me/factors")).json()
    assert [item["name"] for item in listed["passkeys"]] == ["Laptop", "Tablet"]
    assert listed["recovery_codes_left"] == 10
    async with a_browser(api) as other:
        await registered(other)
        for response in (
            await other.patch(f"/me/passkeys/{ids[0]}", json={"name": "Mine"}),
            await other.post(f"/me/passkeys/{ids[0]}/remove", json={}),
            await other.post("/me/passkeys/nonsense/remove", json={}),
        ):
            assert_problem(response, 404, "not_found")
    for passkey_id in ids:
        removed = await browser.post(f"/me/passkeys/{passkey_id}/remove", json={})
        assert removed.status_code == 204
    gone = (await browser.get("/me/factors")).json()
    assert gone == {"passkeys": [], "totp": None, "recovery_codes_left": 0}
    refused = await sign_in(browser, first.get(await request_options(browser)))
    assert_problem(refused, 401, "passkey_invalid")
    assert (await browser.post("/auth/login", json=credentials(host))).status_code == 200


async def test_only_the_owner_adds_and_removes_a_passkey(
    browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator, api: Api
) -> None:
    passkey_id = (await add(browser, key)).json()["passkey"]["id"]
    await grow_old(api, browser)
    for path in ("/me/passkeys/options", f"/me/passkeys/{passkey_id}/remove"):
        assert_problem(await browser.post(path, json={}), 403, "sign_in_again")
        wrong = await browser.post(path, json={"password": "not this one"})
        assert_problem(wrong, 401, "credentials_invalid")
        assert (await browser.post(path, json={"password": PASSWORD})).status_code in (200, 204)


async def test_an_assertion_cannot_be_replayed_even_concurrently(
    browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator
) -> None:
    await add(browser, key)
    used = key.get(await request_options(browser))
    replies = await asyncio.gather(*(sign_in(browser, used) for _ in range(5)))
    assert sorted(reply.status_code for reply in replies) == [200, 401, 401, 401, 401]


async def test_a_registration_cannot_be_replayed_or_used_for_another_account(
    api: Api, browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator
) -> None:
    body = {"name": "Laptop", "credential": key.create(await creation_options(browser))}
    async with a_browser(api) as other:
        await registered(other)
        assert_problem(await other.post("/me/passkeys", json=body), 422, "payload_invalid")
    assert (await browser.post("/me/passkeys", json=body)).status_code == 201
    assert_problem(await browser.post("/me/passkeys", json=body), 422, "payload_invalid")
    copied = {"credential": key.create(await creation_options(browser), like=key.passkeys[0])}
    known = await browser.post("/me/passkeys", json={"name": "Copy", **copied})
    assert_problem(known, 409, "factor_conflict")


@pytest.mark.parametrize("wrong", ["origin", "rp", "unverified", "absent"])
async def test_no_passkey_is_registered_for_another_site_or_without_its_user(
    browser: httpx.AsyncClient, host: dict[str, str], wrong: str
) -> None:
    key = Authenticator("https://evil.example" if wrong == "origin" else ORIGIN)
    key.flags = {"unverified": PRESENT, "absent": VERIFIED}.get(wrong, key.flags)
    options = await creation_options(browser)
    made = key.create(options, rp_id="evil.example" if wrong == "rp" else None)
    refused = await browser.post("/me/passkeys", json={"name": "x", "credential": made})
    assert_problem(refused, 422, "payload_invalid")
    assert (await browser.get("/me/factors")).json()["passkeys"] == []


@pytest.mark.parametrize(
    "wrong",
    ["origin", "rp", "unverified", "absent", "signature", "challenge", "handle", "key", "nonsense"],
)
async def test_every_invalid_assertion_gets_the_response_of_an_unknown_passkey(
    browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator, wrong: str
) -> None:
    unknown = Authenticator(ORIGIN)
    unknown.create({"user": {"id": encoded(b"x" * 16)}, "rp": {"id": "localhost"}, "challenge": ""})
    expected = await sign_in(browser, unknown.get(await request_options(browser)))
    await add(browser, key)
    options = await request_options(browser)
    passkey = key.passkeys[0]
    match wrong:
        case "origin":
            key.origin = "https://localhost:8000"
        case "rp":
            passkey.rp_id = "evil.example"
        case "unverified":
            key.flags = PRESENT
        case "absent":
            key.flags = VERIFIED
        case "challenge":
            options["challenge"] = encoded(bytes(56))
        case "handle":
            passkey.user_handle = bytes(16)
        case "key":
            passkey.key = unknown.passkeys[0].key
    used = key.get(options)
    if wrong == "signature":
        used["response"]["signature"] = encoded(b"no DER")
    if wrong == "nonsense":
        used["response"] = {"clientDataJSON": encoded(b"[[[[")}
    refused = await sign_in(browser, used)
    assert_problem(refused, 401, "passkey_invalid")
    assert refused.json() == expected.json()


async def test_a_challenge_is_valid_for_its_purpose_and_a_few_minutes(
    api: Api,
    browser: httpx.AsyncClient,
    host: dict[str, str],
    key: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await add(browser, key)
    registering = await creation_options(browser)
    assert_problem(await sign_in(browser, key.get(registering)), 401, "passkey_invalid")
    options = await request_options(browser)
    later = now_ms() + 301_000
    with monkeypatch.context() as patched:
        patched.setattr("gateway.factors.challenges.now_ms", lambda: later)
        assert_problem(await sign_in(browser, key.get(options)), 401, "passkey_invalid")
    assert (await sign_in(browser, key.get(options))).status_code == 200


async def test_a_challenge_works_once_across_gateways(
    api: Api,
    make_api: MakeApi,
    browser: httpx.AsyncClient,
    host: dict[str, str],
    key: Authenticator,
) -> None:
    await add(browser, key)
    used = key.get(await request_options(browser))
    async with make_api() as second, a_browser(second) as elsewhere:
        assert (await sign_in(elsewhere, used)).status_code == 200
    assert_problem(await sign_in(browser, used), 401, "passkey_invalid")


async def test_a_decreasing_counter_is_rejected_and_reported(
    api: Api, browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator
) -> None:
    await add(browser, key)
    passkey = key.passkeys[0]
    passkey.counts = 6
    assert (await sign_in(browser, key.get(await request_options(browser)))).status_code == 200
    assert [item.sign_count for item in await stored(api, browser)] == [7]
    passkey.counts = 6
    refused = await sign_in(browser, key.get(await request_options(browser)))
    assert_problem(refused, 401, "passkey_invalid")
    assert "passkey_copied" in await kinds(browser)
    passkey.counts = None  # now sends 0, like an authenticator without a counter
    refused = await sign_in(browser, key.get(await request_options(browser)))
    assert_problem(refused, 401, "passkey_invalid")
    passkey.counts = 7
    assert (await sign_in(browser, key.get(await request_options(browser)))).status_code == 200


async def test_a_disabled_account_cannot_use_its_passkeys(
    api: Api, browser: httpx.AsyncClient, host: dict[str, str], key: Authenticator
) -> None:
    await add(browser, key)
    account_id = (await browser.get("/me")).json()["id"]
    await api.services.auth.accounts._update(account_id, disabled_at=now_ms())
    refused = await sign_in(browser, key.get(await request_options(browser)))
    assert_problem(refused, 401, "passkey_invalid")


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origin"),
    [
        ("https://Quiz.example:443/", "quiz.example", "https://quiz.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        (
            "https://münster.example/quiz",
            "xn--mnster-3ya.example",
            "https://xn--mnster-3ya.example",
        ),
    ],
)
def test_the_relying_party_follows_the_public_url(public_url: str, rp_id: str, origin: str) -> None:
    assert relying_party(public_url) == (rp_id, origin)


def credentials(account: dict[str, str]) -> dict[str, str]:
    return {"email": account["email"], "password": account["password"]}


async def grow_old(api: Api, client: httpx.AsyncClient) -> None:
    """Make the session too old to count as a recent sign-in."""
    account_id = (await client.get("/me")).json()["id"]
    async with api.engine.begin() as connection:
        await connection.execute(
            text("UPDATE sessions SET created_at = created_at - 3600000 WHERE account_id = :id"),
            {"id": account_id},
        )
