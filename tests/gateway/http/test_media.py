from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from db.media import Media
from tests.gateway.http.conftest import QUIZ, Api, MakeApi, SignUp, assert_problem, registration
from tests.gateway.media.pictures import AVIF, GIF, JPEG, WEBP, png


@pytest.fixture
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=api.url) as client:
        yield client


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (AVIF, "image/avif"),
    ],
)
async def test_an_uploaded_picture_is_public(
    host: httpx.AsyncClient, browser: httpx.AsyncClient, content: bytes, kind: str
) -> None:
    # Browsers derive the type from the file's name; the content decides.
    response = await host.post("/media", content=content, headers={"Content-Type": "text/html"})
    assert response.status_code == 201
    picture = response.json()
    digest = hashlib.sha256(content).hexdigest()
    assert picture["url"] == response.headers["location"] == f"/media/{digest}"
    assert (picture["type"], picture["width"], picture["height"]) == (kind, 3, 2)
    assert picture["size"] == len(content)
    shown = await browser.get(picture["url"])
    assert shown.status_code == 200
    assert shown.content == content
    assert shown.headers["content-type"] == kind
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"].endswith("frame-ancestors 'none'; sandbox")


async def test_a_cached_picture_is_not_sent_again(
    host: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    url = (await host.post("/media", content=png())).json()["url"]
    etag = (await browser.get(url)).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = await browser.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert "immutable" in again.headers["cache-control"]
    other = await browser.get(url, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    head = await browser.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(png())


async def test_equal_files_share_a_url_and_count_once(
    host: httpx.AsyncClient,
) -> None:
    first, second = [(await host.post("/media", content=png(colour=9))).json() for _ in range(2)]
    assert first == second
    assert (await host.get("/media")).json()["total"] == 1


async def test_a_question_shows_an_uploaded_picture(host: httpx.AsyncClient) -> None:
    url = (await host.post("/media", content=png())).json()["url"]
    question = {**QUIZ["questions"][0], "media": {"url": url, "alt": "A grey patch"}}
    stored = await host.post("/quizzes", json={**QUIZ, "questions": [question]})
    assert stored.json()["questions"][0]["media"]["url"] == url


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", png(9_000, 1)]
)
async def test_anything_but_a_picture_is_rejected(host: httpx.AsyncClient, content: bytes) -> None:
    response = await host.post("/media", content=content, headers={"Content-Type": "image/png"})
    assert_problem(response, 422, "media_invalid")


async def test_an_oversized_picture_is_rejected(host: httpx.AsyncClient) -> None:
    response = await host.post("/media", content=png() + bytes(2_000_000))
    assert_problem(response, 413, "payload_too_large")
    largest = png() + bytes(2_000_000 - len(png()))
    assert (await host.post("/media", content=largest)).status_code == 201


async def test_an_account_has_a_quota_and_can_free_space(
    make_api: MakeApi,
) -> None:
    async with (
        make_api(media_max_pictures=2) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1") as host,
    ):
        await host.post("/auth/register", json=registration())
        first = (await host.post("/media", content=png(colour=1))).json()
        await host.post("/media", content=png(colour=2))
        refused = await host.post("/media", content=png(colour=3))
        assert_problem(refused, 409, "media_quota_reached")
        assert (await host.post("/media", content=png(colour=1))).status_code == 201
        usage = (await host.get("/media")).json()["usage"]
        assert (usage["pictures"], usage["max_pictures"]) == (2, 2)
        assert usage["bytes"] == 2 * len(png(colour=1))
        assert (await host.delete(f"/media/{first['id']}")).status_code == 204
        assert (await host.post("/media", content=png(colour=3))).status_code == 201
        gone = await host.get(f"{api.url}{first['url']}")
        assert_problem(gone, 404, "not_found")


async def test_pictures_are_listed_only_for_their_owner(
    sign_up: SignUp, host: httpx.AsyncClient
) -> None:
    urls = [
        (await host.post("/media", content=png(colour=colour))).json()["url"] for colour in range(3)
    ]
    page = (await host.get("/media?limit=2")).json()
    assert [picture["url"] for picture in page["items"]] == urls[:0:-1]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 0)
    other = await sign_up()
    assert (await other.get("/media")).json()["items"] == []
    assert_problem(await other.delete(f"/media/{urls[0].split('/')[-1]}"), 404, "not_found")


async def test_only_hosts_upload(anyone: httpx.AsyncClient) -> None:
    assert_problem(await anyone.post("/media", content=png()), 401, "unauthorized")
    assert_problem(await anyone.get("/media"), 401, "unauthorized")
    assert_problem(await anyone.delete(f"/media/{'0' * 64}"), 401, "unauthorized")


async def test_another_site_cannot_upload_with_the_cookie(anyone: httpx.AsyncClient) -> None:
    await anyone.post("/auth/register", json=registration())
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    refused = await anyone.post("/media", content=png(), headers=headers)
    assert_problem(refused, 403, "forbidden")
    own = await anyone.post("/media", content=png(), headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 201


async def test_uploads_are_rate_limited(host: httpx.AsyncClient) -> None:
    tries = [host.post("/media", content=b"x") for _ in range(65)]
    statuses = [response.status_code for response in await asyncio.gather(*tries)]
    assert statuses.count(422) == 60
    assert statuses.count(429) == 5


@pytest.mark.parametrize("media_id", ["0" * 64, "x", "%00", "..%2f..%2fetc%2fpasswd", "A" * 64])
async def test_an_unknown_picture_is_not_found(
    host: httpx.AsyncClient, browser: httpx.AsyncClient, media_id: str
) -> None:
    for response in (
        await browser.get(f"/media/{media_id}"),
        await host.delete(f"/media/{media_id}"),
    ):
        assert_problem(response, 404, "not_found")


async def test_concurrent_loads_of_a_picture_make_one_database_read(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    real = Media.content

    async def counted(self: Media, media_id: str) -> object:
        nonlocal reads
        reads += 1
        return await real(self, media_id)

    monkeypatch.setattr(Media, "content", counted)
    async with make_api() as api, httpx.AsyncClient(base_url=api.url, timeout=30) as room:
        await room.post("/api/v1/auth/register", json=registration())
        url = (await room.post("/api/v1/media", content=png(colour=77))).json()["url"]
        shown = await asyncio.gather(*(room.get(url) for _ in range(300)))
    assert {response.status_code for response in shown} == {200}
    assert reads == 1
