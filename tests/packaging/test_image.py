"""The image, built from its Dockerfile's instructions and run like the real one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from deploy.local.ports import free_port
from deploy.local.stack import Servers, embedded_servers
from tests.db.test_migrations import on_new_database
from tests.packaging.dockerfile import Context, read_stages
from tests.packaging.image import Layer, missing
from tests.system.client import PythonClient
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.quizzes import quiz, single

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
START_S = 150.0
STOP_S = 60.0


@pytest.fixture(scope="module")
def image() -> Iterator[Layer]:
    if why := missing():
        if os.environ.get("CI"):
            raise RuntimeError(why)
        pytest.skip(why)
    uv = Path(shutil.which("uv") or ROOT / ".tools" / "bin" / "uv").resolve()
    stages, context = read_stages(DOCKERFILE), Context(ROOT)
    directory = Path(tempfile.mkdtemp(prefix="quizrun-image-", dir="/dev/shm"))
    try:
        build = Layer(directory / "build")
        build.build(stages["build"], context, {"uv": {"/uv": uv}})
        runtime = Layer(directory / "runtime")
        web = {"/src/web/dist": ROOT / "web" / "dist"}
        venv = {"/opt/quizrun": build.files / "opt" / "quizrun"}
        runtime.build(stages["runtime"], context, {"build": venv, "web": web})
        shutil.rmtree(directory / "build")
        yield runtime
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def secrets(image: Layer) -> Mapping[str, Path]:
    """Settings mounted as files, world-readable like Docker's secrets."""
    place = image.files / "run" / "secrets"
    place.mkdir(parents=True)
    return {name: place / name for name in ("secret", "database_url", "redis_url")}


@pytest.fixture
async def temporal() -> AsyncIterator[Servers]:
    """A separate Temporal server: workers of other tests would take the run's tasks."""
    async with embedded_servers(only=("temporal",)) as running:
        yield running


async def test_it_migrates_and_plays_a_run_read_only_and_unprivileged(
    image: Layer, servers: Servers, temporal: Servers, secrets: Mapping[str, Path]
) -> None:
    secrets["secret"].write_text("a secret of at least thirty-two characters\n")
    secrets["database_url"].write_text(await asyncio.to_thread(on_new_database, servers))
    secrets["redis_url"].write_text(servers.redis_url)
    env = {
        key: value
        for key, value in {**servers.env(), **temporal.env()}.items()
        if key not in ("QUIZRUN_DATABASE_URL", "QUIZRUN_REDIS_URL")
    }
    env |= {f"QUIZRUN_{name.upper()}_FILE": f"/run/secrets/{name}" for name in secrets}
    worker_port = free_port()
    port = free_port(avoid=frozenset({worker_port}))
    worker_env = {"QUIZRUN_METRICS_HOST": "127.0.0.1", "QUIZRUN_METRICS_PORT": str(worker_port)}

    async with asyncio.timeout(START_S), running(image, ["migrate"], env) as migration:
        assert await migration.wait() == 0
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    async with (
        running(image, ["worker"], env | worker_env) as worker,
        running(image, ["gateway", *listen], env) as gateway,
    ):
        async with asyncio.timeout(START_S):
            await answers(gateway, f"http://127.0.0.1:{port}/readyz")
            await answers(worker, f"http://127.0.0.1:{worker_port}/readyz")
        assert user_of(gateway) == user_of(worker) == 10001
        await play(f"http://127.0.0.1:{port}")
        async with asyncio.timeout(STOP_S):
            for process in (gateway, worker):
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 0


async def play(url: str) -> None:
    """A run of one question, from the page to the workbook, which needs temporary files."""
    async with (
        httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=TIMEOUT_S) as http,
        aiohttp.ClientSession() as session,
    ):
        page = await http.get(f"{url}/")
        assert page.status_code == 200
        assert "/assets/" in page.text
        host = await Host.register(http)
        run = await host.open_run(quiz(single()), countdown_s=0, reveal_s=1)
        player = await PythonClient(session, url).connect()
        await player.join(run.pin, "Grace")
        await run.command("start")
        await player.sees_question(0)
        assert (await player.answer(0, 0))["ok"]
        await player.hears("finished", timeout_s=START_S)
        await player.close()
        headers = {"Authorization": f"Bearer {host.token}"}
        workbook = await http.get(f"/runs/{run.id}/results?format=xlsx", headers=headers)
        assert workbook.status_code == 200
        assert workbook.content.startswith(b"PK")


async def test_only_tmp_is_writable(image: Layer) -> None:
    script = (
        "import pathlib, sys\n"
        "for place in ('/opt/quizrun', '/opt/quizrun/web', '/etc', '/var/log/quizrun', '/tmp'):\n"
        "    try: pathlib.Path(place, 'made').write_text('x'); print(place)\n"
        "    except OSError as error: print(type(error).__name__, file=sys.stderr)\n"
    )
    assert (await output(image, "python", "-c", script)).split() == ["/tmp"]


async def test_all_our_modules_can_be_imported(image: Layer) -> None:
    """Except the local stack's modules that start servers."""
    script = (
        "import importlib, pkgutil\n"
        "for name in 'quiz workflows db bus activities gateway workers telemetry'.split():\n"
        "    package = importlib.import_module(name)\n"
        "    for one in pkgutil.walk_packages(package.__path__, name + '.'):\n"
        "        if not one.name.startswith(('db.migrations', 'gateway.generate')):\n"
        "            importlib.import_module(one.name)\n"
        "    print(package.__file__)\n"
    )
    for path in (await output(image, "python", "-c", script)).split():
        assert path.startswith("/opt/quizrun/venv/lib/")


async def test_build_tools_are_not_in_the_image(image: Layer) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    unwanted = [*project["project"]["optional-dependencies"]["local"]]
    unwanted += project["dependency-groups"]["dev"]
    here = {name_of(path.name.split("-")[0]) for path in (image.files / "opt").rglob("*.dist-info")}
    assert {"temporalio", "fastapi", "quizrun"} <= here
    assert not here & {name_of(one) for one in unwanted}
    assert not here & {"pip", "setuptools", "wheel", "uv", "hatchling"}
    assert list((image.files / "opt/quizrun/web").rglob("index.html"))


def test_the_user_cannot_change_what_it_runs(image: Layer) -> None:
    for path in (image.files / "opt").rglob("*"):
        found = path.lstat()
        assert found.st_uid == 0, path
        assert path.is_symlink() or not found.st_mode & (stat.S_IWOTH | stat.S_ISUID), path


async def test_each_entry_point_has_help(image: Layer) -> None:
    for command in ("gateway", "worker", "migrate", "check"):
        assert command in await output(image, "quizrun", command, "--help")


async def test_invalid_settings_are_named(image: Layer) -> None:
    async with running(image, ["migrate"], {}) as process:
        _, said = await process.communicate()
        assert process.returncode == 2
        assert b"QUIZRUN_DATABASE_URL" in said


@asynccontextmanager
async def running(
    image: Layer, arguments: list[str], env: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the image's entry point; it is killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *image.command(["quizrun", *arguments], env),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE if not env else None,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def output(image: Layer, *command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *image.command([*command], {}), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


async def answers(process: asyncio.subprocess.Process, url: str) -> Any:
    """Wait until `url` responds with a success, while the process is running."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as http:
        while True:
            assert process.returncode is None
            try:
                found = await http.get(url)
                if found.is_success:
                    return found.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


def user_of(process: asyncio.subprocess.Process) -> int:
    return Path(f"/proc/{process.pid}").stat().st_uid


def name_of(requirement: str) -> str:
    """The normalised distribution name of a requirement."""
    name = requirement.partition(">")[0].partition("=")[0].partition("[")[0]
    return name.strip().lower().replace("_", "-")
