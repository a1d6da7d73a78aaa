"""The release script: source maps are uploaded to Sentry and never served."""

from __future__ import annotations

import asyncio
import io
import json
import os
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.system.javascript import NODE
from tests.system.system import ROOT

RELEASE = "quizrun@9.9.9+abc1234"
SCRIPT = ROOT / "web/scripts/release.mjs"
MAP = {"version": 3, "sources": ["../../src/main.ts"], "names": [], "mappings": "AAAA"}
FIRST_BYTES = b"SYSB"
"""Before the zip file of what `sentry-cli` uploads."""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The output of a build with hidden source maps."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>")
    for name in ("sw.js", "assets/main-a1.js", "assets/reports-b2.js"):
        (dist / name).write_text("console.log(1);\n")
        text = json.dumps({**MAP, "file": name, "sourcesContent": [f"// {name}\n"]})
        (dist / f"{name}.map").write_text(text)
    return dist


def maps_in(directory: Path) -> int:
    return len(list(directory.rglob("*.map")))


def files_of(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()
    )


async def release(built: Path, *options: str, **env: str) -> tuple[int, str]:
    """Run the script; return its exit code and output."""
    where = ("--no-build", "--dist", str(built), "--maps", str(built.parent / "maps"))
    process = await asyncio.create_subprocess_exec(
        *(*NODE, "node", str(SCRIPT), *where, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **env},
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_a_dry_run_shows_what_would_be_uploaded_and_leaves_no_map_to_serve(
    built: Path,
) -> None:
    code, said = await release(built, "--release", RELEASE, "--dry-run")
    assert code == 0, said
    maps = built.parent / "maps"
    upload = f"would run: sentry-cli sourcemaps upload --release {RELEASE} --url-prefix"
    assert f"{upload} ~/assets {maps}/assets\n" in said
    assert f"{upload} ~/ {maps}/root\n" in said
    assert f"sentry-cli releases finalize {RELEASE}" in said
    assert maps_in(built) == 0
    assert (built / "assets/main-a1.js").exists()
    assert files_of(maps) == [
        *("assets/main-a1.js", "assets/main-a1.js.map"),
        *("assets/reports-b2.js", "assets/reports-b2.js.map"),
        *("root/sw.js", "root/sw.js.map"),
    ]


async def test_a_script_that_references_its_source_map_is_refused(built: Path) -> None:
    with (built / "sw.js").open("a") as script:
        script.write("//# sourceMappingURL=sw.js.map\n")
    code, said = await release(built, "--release", RELEASE, "--dry-run")
    assert (code, "sw.js names its source map." in said) == (1, True)


async def test_missing_settings_are_reported_before_anything_is_moved(built: Path) -> None:
    code, said = await release(built, "--release", RELEASE, SENTRY_AUTH_TOKEN="x", SENTRY_ORG="y")
    assert (code, "Set SENTRY_PROJECT" in said) == (1, True)
    code, said = await release(built, "--dry-run")
    assert (code, "--release must name the release" in said) == (1, True)
    assert maps_in(built) == 3


@dataclass
class Sentry:
    """The part of Sentry's API that `sentry-cli` needs, with the requests received."""

    url: str = ""
    calls: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    manifests: list[dict[str, object]] = field(default_factory=list)
    authorized: bool = True

    async def answer(self, request: web.Request) -> web.Response:
        self.calls.append(f"{request.method} {request.path}")
        self.authorized &= request.headers.get("Authorization") == "Bearer a-token"
        if request.path.endswith("/chunk-upload/"):
            if request.method == "POST":
                await self._take(request)
                return web.Response()
            return web.json_response(
                {
                    "url": f"{self.url}{request.path}",
                    "chunkSize": 8_388_608,
                    "chunksPerRequest": 64,
                    "maxFileSize": 2**31,
                    "maxRequestSize": 33_554_432,
                    "concurrency": 1,
                    "hashAlgorithm": "sha1",
                    "accept": ["artifact_bundles", "artifact_bundles_v2", "release_files"],
                    "compression": [],
                }
            )
        if request.path.endswith("/assemble/"):
            asked = await request.json()
            here = set(asked["chunks"]) <= self._chunks
            state = "ok" if here else "not_found"
            missing = [] if here else asked["chunks"]
            return web.json_response({"state": state, "missingChunks": missing})
        return web.json_response({"version": RELEASE, "dateCreated": "2026-01-01T00:00:00Z"})

    _chunks: set[str] = field(default_factory=set)

    async def _take(self, request: web.Request) -> None:
        async for part in await request.multipart():
            content = await part.read()  # type: ignore[union-attr]
            self._chunks.add(str(part.filename))  # type: ignore[union-attr]
            bundle = zipfile.ZipFile(io.BytesIO(content.removeprefix(FIRST_BYTES)))
            manifest = json.loads(bundle.read("manifest.json"))
            self.manifests.append(manifest)
            for path, about in manifest["files"].items():
                self.files[about["url"]] = bundle.read(path)


@pytest.fixture
async def sentry() -> AsyncIterator[Sentry]:
    stub = Sentry()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", stub.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stub.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield stub
    await runner.cleanup()


async def test_the_real_command_uploads_the_maps_under_the_release(
    built: Path, sentry: Sentry
) -> None:
    code, said = await release(
        built,
        *("--release", RELEASE),
        SENTRY_URL=sentry.url,
        SENTRY_AUTH_TOKEN="a-token",
        SENTRY_ORG="quiz",
        SENTRY_PROJECT="web",
    )
    assert code == 0, said
    assert sentry.authorized
    assert {manifest["release"] for manifest in sentry.manifests} == {RELEASE}
    assert sorted(sentry.files) == [
        *("~/assets/main-a1.js", "~/assets/main-a1.js.map"),
        *("~/assets/reports-b2.js", "~/assets/reports-b2.js.map"),
        *("~/sw.js", "~/sw.js.map"),
    ]
    assert b"// assets/main-a1.js" in sentry.files["~/assets/main-a1.js.map"]
