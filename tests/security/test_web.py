"""Attacks that come from the web: other sites, hostile content, hostile requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from sqlalchemy import text
from yarl import URL

from gateway.mail.texts import render
from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError
from gateway.oidc.web import fetch_json
from tests.gateway.archive.test_archive import packed
from tests.gateway.http.caller import Caller
from tests.gateway.http.conftest import PASSWORD, Api, MakeApi, registration
from tests.gateway.media.pictures import GIF
from tests.gateway.spreadsheets.test_rows import LAUGHS, altered
from tests.security import matrix as m
from tests.security.actors import QUIZ, World
from tests.security.requests import NOBODY

SCRIPT = "<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
LINKS = "$\\href{javascript:alert(1)}{x}$ [x](javascript:alert(1))"
PAGE = b"<!doctype html><script>alert(1)</script>"

Http = aiohttp.ClientSession


@pytest.fixture
async def http(site: Api) -> AsyncIterator[Http]:
    """A client with its own address, whose limits no other test uses up."""
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.78", 0))
    jar = aiohttp.DummyCookieJar()
    async with Http(site.url, connector=connector, cookie_jar=jar) as session:
        yield session


@pytest.fixture
def owner(world: World) -> dict[str, str]:
    return world.credentials[m.OWNER].headers


async def said(http: Http, method: str, path: str, **more: Any) -> tuple[int, str]:
    async with http.request(method, path, allow_redirects=False, **more) as reply:
        return reply.status, (await reply.read()).decode(errors="replace")


async def test_another_site_can_change_nothing_with_the_cookie(world: World, http: Http) -> None:
    """CSRF, for every operation that changes something and accepts the cookie."""
    foreign = {
        "Cookie": f"quizrun_session={world.credentials[m.OWNER].cookie}",
        "Sec-Fetch-Site": "cross-site",
        "Origin": "https://evil.example",
        "Content-Type": "application/json",
    }
    known = {"question": "0", "verdict": "show", "provider": "x", "run_id": world.aside.run_id}
    tried = 0
    for operation, row in m.HTTP.items():
        method, _, path = operation.partition(" ")
        if method == "GET" or row.outcomes[m.NOBODY] == m.OK or row.outcomes[m.OWNER] == m.UNKNOWN:
            continue
        filled = path.format_map(_Filled(known))
        status, content = await said(http, method, filled, headers=foreign, data=b"{}")
        assert (status, '"forbidden"' in content) == (403, True), (operation, content)
        tried += 1
    assert tried > 60
    # Those that anybody may use would sign the browser in to an account of the attacker's.
    for path in ("login", "register", "password/reset", "email/verify", "passkey/options"):
        status, _ = await said(
            http, "POST", f"{m.V1}/auth/{path}", headers=foreign, json=FORMS[path]
        )
        assert status == 403, path


class _Filled(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return NOBODY


FORMS: dict[str, Any] = {
    "login": {"email": "a@example.com", "password": PASSWORD},
    "register": registration(),
    "password/reset": {"token": "x" * 43, "password": "purple elephant dances"},
    "email/verify": {"token": "x" * 43},
    "passkey/options": {},
}


HSTS = "max-age=31536000; includeSubDomains"


async def test_headers_protect_browsers_over_tls(make_api: MakeApi) -> None:
    tls = {"public_url": "https://quiz.example", "hsts_subdomains": True}
    async with make_api(**tls) as api, Http(api.url) as http:
        for path in ("/api/v1/me", "/api/v1/nothing", "/healthz", "/media/none", "/api/docs"):
            async with http.get(path) as reply:
                headers = reply.headers
            assert headers["Strict-Transport-Security"] == HSTS, path
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "camera=()" in headers["Permissions-Policy"]
            policy = headers["Content-Security-Policy"]
            for rule in ("default-src", "base-uri", "form-action", "frame-ancestors"):
                assert f"{rule} 'none'" in policy, (path, policy)
        async with http.post("/api/v1/auth/register", json=registration()) as reply:
            cookies = reply.headers.getall("Set-Cookie")
        (session,) = (one for one in cookies if "Max-Age=0" not in one)
        assert session.startswith("__Host-quizrun_session=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(session.split("; "))
        assert "Domain" not in session
        kept = session.partition(";")[0]
        async with http.get("/api/v1/me", headers={"Cookie": kept}) as reply:
            assert reply.status == 200


@pytest.fixture
async def listener() -> AsyncIterator[tuple[str, list[str]]]:
    """A server inside our network, and what it was asked for."""
    asked: list[str] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    server.close()


async def test_the_server_fetches_no_address_from_a_user(
    world: World, http: Http, owner: dict[str, str], listener: tuple[str, list[str]]
) -> None:
    """SSRF: pictures of quizzes, of imports, of archives, and of runs."""
    inside, asked = listener
    media = {"url": f"{inside}/latest/meta-data", "alt": ""}
    quiz = {**QUIZ, "questions": [{**QUIZ["questions"][0], "media": media}]}
    async with http.post(f"{m.V1}/quizzes", json=quiz, headers=owner) as reply:
        assert reply.status == 201, await reply.text()
        quiz_id = (await reply.json())["id"]
    for method, path, body in (
        ("GET", f"quizzes/{quiz_id}/export", None),
        ("GET", f"quizzes/{quiz_id}/edit", None),
        ("POST", "quizzes/import", quiz),
        ("POST", f"quizzes/{quiz_id}/duplicate", {}),
        ("POST", "runs", {"quiz_id": quiz_id}),
    ):
        status, content = await said(http, method, f"{m.V1}/{path}", json=body, headers=owner)
        assert status in (200, 201), (path, content)
    table = f"Question,Answer 1,Correct,Picture\nWhich?,a,1,{inside}/picture.png\n"
    preview = f"{m.V1}/quizzes/import/preview?kind=table"
    await said(http, "POST", preview, data=table.encode(), headers=owner)
    assert asked == []


async def test_a_provider_cannot_redirect_the_server(listener: tuple[str, list[str]]) -> None:
    inside, asked = listener

    async def redirect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {inside}/\r\n\r\n".encode())
        writer.close()

    provider = await asyncio.start_server(redirect, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{provider.sockets[0].getsockname()[1]}"
    settings = ProviderSettings(name="op", issuer=url, client_id="quizrun")
    with pytest.raises(OidcRefusedError):
        await fetch_json(settings, f"{url}/.well-known/openid-configuration")
    provider.close()
    assert asked == []


async def test_uploads_run_nowhere(http: Http, owner: dict[str, str]) -> None:
    """Stored XSS by uploads."""
    upload = f"{m.V1}/media"
    for content in (
        SVG,
        b"\xef\xbb\xbf" + SVG,
        PAGE,
        b"<?xml version='1.0'?>" + SVG,
        b"GIF8" + PAGE,
    ):
        for kind in ("image/svg+xml", "image/png", "text/html"):
            headers = owner | {"Content-Type": kind}
            status, said_ = await said(http, "POST", upload, data=content, headers=headers)
            assert (status, '"media_invalid"' in said_) == (422, True), content
    # A picture that is a page as well stays a picture.
    headers = owner | {"Content-Type": "text/html"}
    async with http.post(upload, data=GIF + PAGE, headers=headers) as reply:
        assert reply.status == 201
        url = (await reply.json())["url"]
    async with http.get(url) as reply:
        assert reply.headers["Content-Type"] == "image/gif"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].endswith("; sandbox")


async def test_texts_are_never_sent_as_a_page(http: Http, owner: dict[str, str]) -> None:
    """Stored XSS by texts, markup and formulas: JSON only, which nothing interprets."""
    hostile = {
        "title": SCRIPT,
        "questions": [
            {
                "type": "text",
                "text": f"**{SCRIPT}** {LINKS}",
                "correct": {"accepted": [SCRIPT]},
                "explanation": "<img src=x onerror=alert(1)>",
            }
        ],
    }
    async with http.post(f"{m.V1}/quizzes", json=hostile, headers=owner) as reply:
        assert reply.status == 201
        quiz_id = (await reply.json())["id"]
    for path in (f"quizzes/{quiz_id}", "quizzes", f"quizzes/{quiz_id}/export?format=json"):
        async with http.get(f"{m.V1}/{path}", headers=owner) as reply:
            assert reply.content_type == "application/json"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert SCRIPT in await reply.text()
    # Errors quote what was sent.
    async with http.get(f"{m.V1}/quizzes/{quote(SCRIPT)}", headers=owner) as reply:
        assert reply.content_type == "application/problem+json"


def test_mail_escapes_what_people_write() -> None:
    details = {"name": SCRIPT, "title": f'"><img src=x>{SCRIPT}', "url": "https://quiz.example/#x"}
    mail = render("invitation", "en", _Details(details))
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert "&lt;script&gt;" in mail.html


class _Details(dict[str, Any]):
    def __missing__(self, _: str) -> str:
        return SCRIPT


INJECTIONS = (
    "'; DROP TABLE players; --",
    "\\'; SELECT pg_sleep(9); --",
    "%' ESCAPE '!",
    "%(id)s :id $1 {id}",
)


async def test_texts_are_never_sql(
    world: World, http: Http, owner: dict[str, str], site: Api
) -> None:
    """SQL injection by every text parameter of addresses, queries, and bodies."""
    place = world.aside
    before = await _tables(site)
    for hostile in INJECTIONS:
        value = quote(hostile, safe="")
        gets = (
            *(f"quizzes?search={value}", f"runs?pin={value}", f"runs?quiz_id={value}"),
            *(f"quizzes/{value}", f"runs/{value}", f"runs/{place.run_id}/players/{value}"),
            *(f"runs/{place.run_id}/players?search={value}", f"templates?language={value}"),
            *(f"join/{value}", f"teams/{value}/members", f"media?kind={value}"),
            *(f"quizzes/{place.quiz_id}/comparison?run_id={value}", f"runs?phase={value}"),
            f"runs/{place.run_id}/results?tz={value}",
        )
        for path in gets:
            url = URL(f"{m.V1}/{path}", encoded=True)
            status, content = await said(http, "GET", url, headers=owner)  # type: ignore[arg-type]
            assert status in (200, 404, 422), (path, content)
            if status == 200 and "search=" in path:
                assert '"items":[]' in content, path
        body = {"name": hostile}
        assert (await said(http, "POST", f"{m.V1}/teams", json=body, headers=owner))[0] == 201
        key = owner | {"Idempotency-Key": "".join(c for c in hostile if c.isalnum()) or "x"}
        quiz = {**QUIZ, "title": hostile}
        assert (await said(http, "POST", f"{m.V1}/quizzes", json=quiz, headers=key))[0] == 201
    after = await _tables(site)
    assert after == {
        **before,
        "quizzes": before["quizzes"] + len(INJECTIONS),
        "teams": before["teams"] + len(INJECTIONS),
    }


async def _tables(site: Api) -> dict[str, int]:
    counted = {}
    async with site.engine.connect() as connection:
        for table in ("accounts", "players", "quizzes", "runs", "teams"):
            counted[table] = (
                await connection.execute(text(f"SELECT count(*) FROM {table}"))
            ).scalar_one()
    return counted


MORE = {"owner_id": NOBODY, "host_id": NOBODY, "role": "admin", "is_admin": True}


async def test_no_field_can_be_set_that_a_form_does_not_have(
    world: World, http: Http, owner: dict[str, str]
) -> None:
    """Mass assignment."""
    requests: dict[str, dict[str, Any]] = {
        "POST auth/register": registration(),
        "PATCH me/profile": {"display_name": "Ada"},
        "POST me/api-tokens": {"name": "x", "scopes": ["runs:read"]},
        "POST runs": {"quiz_id": world.aside.quiz_id},
        f"PATCH runs/{world.aside.run_id}/settings": {"reading_s": 0},
        "POST teams": {"name": "x"},
        f"POST quizzes/{world.aside.quiz_id}/invitations": {"right": "view"},
        f"PUT runs/{world.aside.run_id}/players/{world.aside.player_id}/extra-time": {
            "percent": 150
        },
        f"POST runs/{world.aside.run_id}/corrections": {"question": 0, "verdict": "void"},
    }
    for request, body in requests.items():
        method, _, path = request.partition(" ")
        for name, value in MORE.items():
            status, content = await said(
                http, method, f"{m.V1}/{path}", json=body | {name: value}, headers=owner
            )
            assert status == 422, (request, name, content)
    quiz = {**QUIZ} | {"owner_id": NOBODY}
    assert (await said(http, "POST", f"{m.V1}/quizzes", json=quiz, headers=owner))[0] == 422
    # Fields that storage adds may be sent back, and change nothing.
    own = {**QUIZ} | {"id": NOBODY, "version": 99}
    async with http.post(f"{m.V1}/quizzes", json=own, headers=owner) as reply:
        stored = await reply.json()
    assert (stored["version"], stored["id"] == NOBODY) == (1, False)
    async with http.get(f"{m.V1}/me", headers=owner) as reply:
        assert (await reply.json())["role"] == "host"


UP = ("../", "..%2f", "%2e%2e/", "..\\", "..%5c", "%252e%252e%252f", "....//", "%c0%ae%c0%ae/")


async def test_no_address_reaches_a_file_elsewhere(http: Http) -> None:
    """Path traversal."""
    for base in ("/media/", "/assets/", "/api/docs/files/", f"{m.V1}/templates/", "/"):
        for step in UP:
            url = URL(f"{base}{step * 8}etc/passwd", encoded=True)
            status, content = await said(http, "GET", url)  # type: ignore[arg-type]
            assert status in (401, 404, 405), (url, status)
            assert "root:" not in content


async def test_trace_is_not_answered(site: Api) -> None:
    for path in ("/", "/api/v1/me", "/media/none"):
        head = f"TRACE {path} HTTP/1.1\r\nHost: x\r\nX-Secret: echo\r\nConnection: close\r\n\r\n"
        answer = await Caller(site.url).says(head.encode())
        assert answer.startswith(b"HTTP/1.1 40"), answer
        assert b"echo" not in answer


async def test_no_address_redirects_to_another_site(site: Api) -> None:
    """Open redirects. A client library would not send these."""
    caller = Caller(site.url)
    for path in (
        *(
            "//evil.example",
            "//evil.example/%2e%2e",
            "/\\evil.example",
            "/%0d%0aLocation:%20//evil",
        ),
        *(f"{m.V1}//evil.example/", "/host//evil.example", "/?next=https://evil.example"),
        "/auth/oidc/school/login?next=//evil.example",
    ):
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = (await caller.says(head.encode())).decode().partition("\r\n\r\n")[0].lower()
        assert answer.startswith("http/1.1 "), path
        for line in answer.splitlines():
            if line.startswith("location:"):
                assert "//evil" not in line.partition("?")[0], (path, line)


async def test_bombs_are_not_unpacked(http: Http, owner: dict[str, str]) -> None:
    """Archives and workbooks that expand, over HTTP."""
    huge = altered("xl/worksheets/sheet1.xml", b" " * 12_000_001)
    preview = f"{m.V1}/quizzes/import/preview?kind=table"
    for path, content in (
        (preview, altered("xl/sharedStrings.xml", LAUGHS)),
        (preview, altered("xl/workbook.xml", EXTERNAL)),
        (preview, huge),
        (f"{m.V1}/quizzes/import", BOMB),
        (f"{m.V1}/quizzes/import", packed({"quiz.json": BOMB, "media/inner.zip": BOMB})),
    ):
        status, content_ = await said(http, "POST", path, data=content, headers=owner)
        assert (status, '"import_invalid"' in content_) == (422, True), content_


EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'


BOMB = packed({"quiz.json": b" " * 4_000_000})


async def test_links_in_mail_lead_to_the_configured_host(site: Api, http: Http) -> None:
    """Host header attacks."""
    account = registration()
    assert (await said(http, "POST", f"{m.V1}/auth/register", json=account))[0] == 201
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "https://evil.example/",
    }
    forgot = f"{m.V1}/auth/password/forgot"
    body = {"email": account["email"]}
    assert (await said(http, "POST", forgot, json=body, headers=headers))[0] == 202
    sending = asyncio.create_task(site.services.process.mailer.run())
    try:
        async with asyncio.timeout(15):
            while not (mails := await _mails(site, account["email"])):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        sending.cancel()
    for mail in mails:
        assert "evil.example" not in mail
        assert site.services.settings.public_url in mail


async def _mails(site: Api, address: str) -> list[str]:
    found = await site.services.operations.inbox.latest(50)
    mails = [mail.text for mail in found if mail.recipient == address]
    return mails if any("reset" in mail.lower() for mail in mails) else []
