"""A worker's readiness, logs and metrics while its servers stall."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from db.migrate import migrate
from deploy.local.application import Commands, worker_spec
from deploy.local.child import Child
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Servers, embedded_servers

SECRET = "a secret of at least thirty-two characters"


class WorkerProcess:
    """A worker process, with its log and its HTTP endpoints."""

    def __init__(self, servers: Servers, log_dir: Path, **env: str) -> None:
        self._port = free_port()
        settings = {**servers.env(), "QUIZRUN_SECRET": SECRET, **env}
        self.child = Child(worker_spec(Commands(), settings, 1, self._port), log_dir)
        self._http = httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{self._port}", timeout=5)

    async def stop(self) -> None:
        await self.child.stop()
        await self._http.aclose()

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path)

    async def metrics(self) -> str:
        return (await self.get("/metrics")).text

    async def readiness(self) -> tuple[int, dict[str, bool]]:
        try:
            response = await self.get("/readyz")
        except httpx.TransportError:  # it does not listen yet
            return 0, {}
        servers = response.json()["servers"]
        return response.status_code, {name: server["ok"] for name, server in servers.items()}

    def logged(self, event: str) -> list[dict[str, Any]]:
        lines = self.child.log_path.read_text().splitlines()
        found = [orjson.loads(line) for line in lines if line.startswith("{")]
        return [line for line in found if line.get("event.action") == event]


StartWorker = Callable[..., Awaitable[WorkerProcess]]


@pytest.fixture(scope="module")
async def stallable() -> AsyncIterator[Servers]:
    """Separate servers, which tests freeze."""
    async with embedded_servers() as servers:
        await asyncio.to_thread(migrate, servers.database_url)
        yield servers


@pytest.fixture(scope="module")
async def launch(
    stallable: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[StartWorker]:
    launched: list[WorkerProcess] = []

    async def start(**env: str) -> WorkerProcess:
        worker = WorkerProcess(stallable, tmp_path_factory.mktemp("logs"), **env)
        launched.append(worker)
        await worker.child.launch()
        return worker

    yield start
    await asyncio.gather(*(worker.stop() for worker in launched))


@pytest.fixture(scope="module")
async def worker(launch: StartWorker) -> WorkerProcess:
    launched = await launch()
    await launched.child.ready()
    return launched


async def eventually(holds: Callable[[], Awaitable[bool]], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not await holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("server", ["temporal", "kafka", "valkey"])
async def test_a_frozen_server_shows_in_readiness_log_and_metrics(
    stallable: Servers, worker: WorkerProcess, server: str
) -> None:
    name, status = ("redis", 200) if server == "valkey" else (server, 503)

    stallable.children[server].freeze()
    try:
        await eventually(lambda: _is(worker, status, name, ok=False))
        assert (await worker.get("/healthz")).status_code == 200
        await eventually(lambda: _is_logged(worker, "dependency.down", name))
        assert f'quizrun_dependency_up{{dependency="{name}"}} 0.0' in await worker.metrics()
    finally:
        stallable.children[server].thaw()
    await eventually(lambda: _is(worker, 200, name, ok=True))
    await eventually(lambda: _is_logged(worker, "dependency.up", name))
    for event in ("dependency.down", "dependency.up"):
        assert [line["quizrun.dependency"] for line in worker.logged(event)].count(name) == 1
    assert f'quizrun_dependency_up{{dependency="{name}"}} 1.0' in await worker.metrics()


async def test_a_worker_waits_for_a_database_that_is_down(
    stallable: Servers, launch: StartWorker
) -> None:
    await stallable.kill("postgres")
    worker = await launch()
    await eventually(lambda: _is(worker, 503, "postgres", ok=False))
    await stallable.restart("postgres")
    await eventually(lambda: _is(worker, 200, "postgres", ok=True))


async def test_a_worker_is_not_ready_before_all_search_attributes_are_there(
    stallable: Servers, launch: StartWorker
) -> None:
    client = await Client.connect(stallable.temporal_address)
    namespace = f"other-{uuid.uuid4()}"
    await client.workflow_service.register_namespace(_new(namespace))
    taken = AddSearchAttributesRequest(
        namespace=namespace,
        search_attributes={"QuizPlayers": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
    )
    await eventually(lambda: _done(client.operator_service.add_search_attributes(taken)))

    worker = await launch(QUIZRUN_TEMPORAL_NAMESPACE=namespace)
    await eventually(lambda: _is_logged(worker, "search_attributes.missing"))
    line = worker.logged("search_attributes.missing")[0]
    assert line["quizrun.reason"] == "registered with a different type: QuizPlayers"
    assert await _is(worker, 503, "search_attributes", ok=False)
    assert not worker.logged("worker.ready")

    free = RemoveSearchAttributesRequest(namespace=namespace, search_attributes=["QuizPlayers"])
    await client.operator_service.remove_search_attributes(free)
    await eventually(lambda: _is(worker, 200, "search_attributes", ok=True))
    assert worker.logged("worker.ready")


async def _is(worker: WorkerProcess, status: int, name: str, *, ok: bool) -> bool:
    found, servers = await worker.readiness()
    return found == status and servers.get(name) is ok


async def _is_logged(worker: WorkerProcess, event: str, dependency: str | None = None) -> bool:
    return dependency in [line.get("quizrun.dependency") for line in worker.logged(event)]


async def _done(call: Awaitable[Any]) -> bool:
    """Whether `call` succeeds: a new namespace takes a moment to propagate."""
    try:
        await call
    except Exception:  # noqa: BLE001
        return False
    return True


def _new(namespace: str) -> RegisterNamespaceRequest:
    request = RegisterNamespaceRequest(namespace=namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    return request
