"""Sounds of questions over HTTP: upload, ranges, separate lists."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from tests.gateway.http.conftest import QUIZ, Api, MakeApi, assert_problem, registration
from tests.gateway.media.pictures import png
from tests.gateway.media.sounds import M4A, MP3, OPUS, TITLE, wav


async def uploaded(host: httpx.AsyncClient, content: bytes) -> dict[str, object]:
    response = await host.post("/media", content=content, headers={"Content-Type": "image/png"})
    assert response.status_code == 201, response.text
    sound: dict[str, object] = response.json()
    return sound


@pytest.mark.parametrize(
    ("content", "kind"),
    [(MP3, "audio/mpeg"), (OPUS, "audio/ogg"), (M4A, "audio/mp4"), (wav(), "audio/wav")],
)
async def test_an_uploaded_sound_is_public(
    host: httpx.AsyncClient, api: Api, content: bytes, kind: str
) -> None:
    sound = await uploaded(host, content)
    assert sound["type"] == kind
    assert isinstance(sound["duration_ms"], int)
    assert 250 <= sound["duration_ms"] <= 330
    heard = await host.get(f"{api.url}{sound['url']}")
    assert heard.status_code == 200
    assert len(heard.content) == sound["size"]
    assert heard.headers["content-type"] == kind
    assert heard.headers["accept-ranges"] == "bytes"
    assert heard.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert heard.headers["x-content-type-options"] == "nosniff"


async def test_a_sound_is_served_without_tags(host: httpx.AsyncClient, api: Api) -> None:
    sound = await uploaded(host, wav())
    assert TITLE in wav()
    assert TITLE not in (await host.get(f"{api.url}{sound['url']}")).content


@pytest.mark.parametrize("ms", [250, 30_000])  # one chunk, and several
async def test_a_browser_gets_the_requested_range(
    host: httpx.AsyncClient, api: Api, ms: int
) -> None:
    sound = await uploaded(host, wav(ms))
    url = f"{api.url}{sound['url']}"
    whole = (await host.get(url)).content
    size = len(whole)
    for asked, start, end in (
        ("bytes=0-1", 0, 2),
        ("bytes=0-", 0, size),
        ("bytes=100-1099", 100, 1_100),
        ("bytes=-7", size - 7, size),
    ):
        part = await host.get(url, headers={"Range": asked})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert int(part.headers["content-length"]) == end - start
        assert part.content == whole[start:end]
    beyond = await host.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    several = await host.get(url, headers={"Range": "bytes=0-1,3-4"})
    assert (several.status_code, several.content) == (200, whole)
    head = await host.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == size


async def test_a_range_of_another_version_is_not_returned(
    host: httpx.AsyncClient, api: Api
) -> None:
    sound = await uploaded(host, wav())
    url, etag = f"{api.url}{sound['url']}", f'"{sound["id"]}"'
    same = await host.get(url, headers={"Range": "bytes=0-1", "If-Range": etag})
    assert same.status_code == 206
    other = await host.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert other.status_code == 200


async def test_sounds_are_listed_apart_and_counted_with_pictures(make_api: MakeApi) -> None:
    async with (
        make_api(media_max_pictures=2) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30) as host,
    ):
        await host.post("/auth/register", json=registration())
        picture, sound = await uploaded(host, png()), await uploaded(host, wav(271))
        pictures = (await host.get("/media")).json()
        assert [item["id"] for item in pictures["items"]] == [picture["id"]]
        assert pictures["total"] == 1
        sounds = (await host.get("/media?kind=sound")).json()
        assert [item["id"] for item in sounds["items"]] == [sound["id"]]
        assert sounds["total"] == 1
        usage = sounds["usage"]
        assert (usage["pictures"], usage["sounds"], usage["max_pictures"]) == (1, 1, 2)
        refused = await host.post("/media", content=wav(300))
        assert_problem(refused, 409, "media_quota_reached")
        assert (await host.delete(f"/media/{sound['id']}")).status_code == 204
        assert_problem(await host.get(f"{api.url}{sound['url']}"), 404, "not_found")


async def test_a_sound_may_be_larger_than_a_picture_up_to_its_limit(make_api: MakeApi) -> None:
    async with (
        make_api(max_body_bytes=2_000, max_sound_bytes=5_000) as api,
        httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30) as host,
    ):
        await host.post("/auth/register", json=registration())
        assert (await host.post("/media", content=wav(500))).status_code == 201
        assert_problem(await host.post("/media", content=wav(700)), 413, "payload_too_large")
        large = png() + bytes(3_000)
        assert_problem(await host.post("/media", content=large), 413, "payload_too_large")


async def test_anything_but_a_sound_is_rejected(host: httpx.AsyncClient) -> None:
    for content in (wav(codec=7), b"ID3", M4A[:200]):
        refused = await host.post("/media", content=content, headers={"Content-Type": "audio/mpeg"})
        assert_problem(refused, 422, "media_invalid")


async def test_a_quiz_is_exported_with_its_sounds(host: httpx.AsyncClient) -> None:
    sound = await uploaded(host, OPUS)
    audio = {"url": sound["url"], "text": "A long tone", "duration_ms": 250}
    quiz = {**QUIZ, "questions": [{**QUIZ["questions"][0], "audio": audio}]}
    stored = await host.post("/quizzes", json=quiz)
    assert stored.json()["questions"][0]["audio"] == audio
    archive = (await host.get(f"/quizzes/{stored.json()['id']}/export")).content
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == ["quiz.json", f"media/{sound['id']}.ogg"]
        assert opened.read(f"media/{sound['id']}.ogg") == OPUS
    back = await host.post("/quizzes/import", content=archive)
    assert back.json()["questions"][0]["audio"] == audio


async def test_a_quiz_cannot_use_external_sounds(host: httpx.AsyncClient) -> None:
    for url in (
        "https://example.org/a.mp3",
        "/media/x",
        "javascript:alert(1)",
        f"/media/{'A' * 64}",
    ):
        quiz = {**QUIZ, "questions": [{**QUIZ["questions"][0], "audio": {"url": url}}]}
        problem = assert_problem(await host.post("/quizzes", json=quiz), 422, "quiz_invalid")
        assert problem["problems"][0]["field"] == "audio.url"
