"""The web client as served to browsers: routes, compression, caching, content policy."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.cdn.assets import publish
from gateway.http.built_files import accepted_codings
from tests.gateway.http.conftest import MakeApi, assert_problem

INDEX = '<!doctype html><script type="module" src="/assets/index-a1b2.js"></script>'
SCRIPT = b"console.log('quizrun');\n" * 100
PACKED = gzip.compress(SCRIPT)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build's output."""
    directory = tmp_path_factory.mktemp("dist")
    (directory / "index.html").write_text(INDEX)
    (directory / "sw.js").write_bytes(SCRIPT)
    assets = directory / "assets"
    assets.mkdir()
    (assets / "index-a1b2.js").write_bytes(SCRIPT)
    (assets / "index-a1b2.js.gz").write_bytes(PACKED)
    (assets / "index-a1b2.js.br").write_bytes(b"as if by brotli")
    (assets / "plain.css").write_text("a{}")
    (directory.parent / "secret.txt").write_text("not for browsers")
    return directory


@pytest.fixture(scope="module")
async def site(make_api: MakeApi, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        make_api(web_dir=built) as api,
        httpx.AsyncClient(base_url=api.url, headers={"Accept-Encoding": "identity"}) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "path",
    ["/", "/join/482913", "/join/<script>", "/play/a-run", "/host", "/host/a/b", "/screen/1"],
)
async def test_every_client_route_serves_the_page(site: httpx.AsyncClient, path: str) -> None:
    page = await site.get(path)
    assert (page.status_code, page.text) == (200, INDEX)
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["x-content-type-options"] == "nosniff"
    head = await site.head(path)
    assert (head.status_code, head.content) == (200, b"")


async def test_unknown_addresses_are_not_found(site: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/join", "/join/1/2", "/api/v1/nothing", "/index.html", "/sw.js.gz"):
        assert_problem(await site.get(path), 404, "not_found")


async def test_an_unknown_link_serves_the_clients_not_found_page(
    site: httpx.AsyncClient,
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = await site.get("/nothing", headers=browser)
    assert (page.status_code, page.text) == (404, INDEX)
    assert "script-src" in page.headers["content-security-policy"]
    again = await site.get("/nothing", headers={**browser, "If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    for path in ("/api/v1/nothing", "/assets/nothing.js"):
        assert_problem(await site.get(path, headers=browser), 404, "not_found")
    assert_problem(await site.post("/nothing", headers=browser), 404, "not_found")


async def test_the_page_allows_only_built_scripts_and_styles(
    site: httpx.AsyncClient,
) -> None:
    policy = (await site.get("/")).headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in policy
    assert {"https:", "data:", "blob:", "'self'"} <= set(rules["img-src"].split())
    assert rules["connect-src"] == "'self' ws://localhost:8000"
    assert (await site.get("/sw.js")).headers["content-security-policy"] == policy


async def test_only_same_origin_pages_can_be_framed(site: httpx.AsyncClient) -> None:
    headers = (await site.get("/")).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["frame-src"] == rules["frame-ancestors"] == "'self'"
    assert headers["x-frame-options"] == "SAMEORIGIN"


async def test_files_are_immutable_and_the_page_is_revalidated(
    site: httpx.AsyncClient,
) -> None:
    file = await site.get("/assets/index-a1b2.js")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["content-type"].startswith("text/javascript")
    for path in ("/", "/assets/index-a1b2.js", "/sw.js"):
        first = await site.get(path)
        again = await site.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert (await site.get("/sw.js")).headers["cache-control"] == "no-cache"


async def test_files_are_served_in_the_best_accepted_encoding(
    site: httpx.AsyncClient, built: Path
) -> None:
    async def raw(path: str, accepted: str) -> tuple[str | None, bytes]:
        async with site.stream("GET", path, headers={"Accept-Encoding": accepted}) as response:
            assert response.headers["vary"] == "Accept-Encoding"
            body = b"".join([part async for part in response.aiter_raw()])
            return response.headers.get("content-encoding"), body

    path = "/assets/index-a1b2.js"
    assert await raw(path, "gzip, deflate, br") == ("br", b"as if by brotli")
    assert await raw(path, "gzip, br;q=0") == ("gzip", PACKED)
    assert await raw(path, "identity") == (None, SCRIPT)
    assert await raw("/assets/plain.css", "gzip, br") == (None, b"a{}")
    coding, page = await raw("/", "gzip")
    assert (coding, gzip.decompress(page).decode()) == ("gzip", INDEX)


def test_an_encoding_with_weight_zero_is_not_used() -> None:
    assert accepted_codings("br;q=0, gzip; q=0.5, deflate;q=0.000, zstd") == {"gzip", "zstd"}
    assert accepted_codings("") == {""}


async def test_a_missing_file_is_a_problem(site: httpx.AsyncClient) -> None:
    for path in ("none-1.js", "../secret.txt", "%2e%2e/%2e%2e/secret.txt", "x" * 300, "", "."):
        assert_problem(await site.get(f"/assets/{path}"), 404, "not_found")
    refused = await site.post("/assets/index-a1b2.js")
    assert_problem(refused, 405, "method_not_allowed")


async def test_a_new_build_is_served_without_a_restart(make_api: MakeApi, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(INDEX)
    async with (
        make_api(web_dir=tmp_path) as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        before = await client.get("/")
        (tmp_path / "index.html").write_text(INDEX.replace("a1b2", "c3d4"))
        after = await client.get("/", headers={"If-None-Match": before.headers["etag"]})
        assert (after.status_code, "c3d4" in after.text) == (200, True)


async def test_files_can_come_from_a_cdn(make_api: MakeApi, built: Path) -> None:
    async with (
        make_api(web_dir=built, asset_url="https://cdn.example/quizrun/") as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        page = await client.get("/")
        assert 'src="https://cdn.example/quizrun/assets/index-a1b2.js"' in page.text
        policy = page.headers["content-security-policy"]
        assert "script-src 'self' https://cdn.example;" in policy
        assert "style-src 'self' https://cdn.example;" in policy
        # the CDN fetches them from here, and browsers load them cross-origin
        file = await client.get("/assets/index-a1b2.js")
        assert file.headers["access-control-allow-origin"] == "*"


async def test_a_page_of_another_release_finds_its_files(
    make_api: MakeApi, built: Path, tmp_path: Path
) -> None:
    publish(built / "assets", tmp_path)
    (tmp_path / "index-old1.js").write_text("of the release before")
    async with (
        make_api(web_dir=built, shared_assets_dir=tmp_path) as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        old = await client.get("/assets/index-old1.js")
        assert (old.status_code, old.text) == (200, "of the release before")
        assert old.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get("/assets/index-a1b2.js")).status_code == 200


async def test_errors_are_not_cached_by_a_cdn(site: httpx.AsyncClient) -> None:
    for path in ("/assets/of-the-next-release.js", "/media/none", "/nothing"):
        missing = await site.get(path)
        assert missing.status_code == 404
        assert missing.headers["cache-control"] == "no-store"


async def test_pictures_can_come_from_a_cdn(make_api: MakeApi, built: Path) -> None:
    async with (
        make_api(web_dir=built, media_url="https://pictures.example") as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        policy = (await client.get("/")).headers["content-security-policy"]
        assert "img-src 'self' https://pictures.example " in policy
        assert "media-src 'self' https://pictures.example;" in policy


async def test_a_missing_build_is_explained(make_api: MakeApi, tmp_path: Path) -> None:
    async with (
        make_api(web_dir=tmp_path / "none") as api,
        httpx.AsyncClient(base_url=api.url) as client,
    ):
        for path in ("/", "/join/482913", "/host"):
            page = await client.get(path)
            assert page.status_code == 200
            assert "make web" in page.text
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        assert_problem(await client.get("/assets/index.js"), 404, "not_found")
