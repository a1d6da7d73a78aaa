"""The HTTP API on a real port with real servers behind it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bus.producer import Producer
from db.engine import make_engine
from db.players import Joined, JoinRequest
from db.redis import make_redis
from db.stores import PlayStores
from deploy.local.stack import Servers
from gateway.http.api import http_app
from gateway.http.services import Services
from gateway.settings import GatewaySettings
from gateway.wiring import Clients, http_services
from quiz.nickname import nickname_key
from telemetry.clock import now_ms
from telemetry.exposition import Exposition
from workers.registry import build_activities, build_workers
from workers.settings import WorkerSettings
from workflows.connection import connect

PASSWORD = "correct horse"
QUIZ: dict[str, Any] = {
    "title": "Capitals",
    "language": "en",
    "questions": [
        {
            "type": "single",
            "text": "Capital of France?",
            "options": ["Paris", "Rome"],
            "correct": [0],
            "time_limit_s": 20,
            "points": 1000,
        },
        {
            "type": "number",
            "text": "Independence of Brazil?",
            "correct": {"value": 1822, "tolerance": 5},
        },
        {"type": "order", "text": "Small to large", "options": ["Malta", "Austria", "Chile"]},
    ],
}


@dataclass
class Api:
    """A running API: its address and its services."""

    url: str
    services: Services
    engine: AsyncEngine


class TestServer(uvicorn.Server):
    """Leaves signals to pytest."""

    __test__ = False

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


MakeApi = Callable[..., contextlib.AbstractAsyncContextManager[Api]]


@pytest.fixture(scope="session")
def make_api(servers: Servers, database_url: str) -> MakeApi:
    @asynccontextmanager
    async def make(**changes: Any) -> AsyncIterator[Api]:
        settings = GatewaySettings(
            **{
                "database_url": database_url,
                "redis_url": servers.redis_url,
                "kafka_bootstrap": servers.kafka_bootstrap,
                "temporal_address": servers.temporal_address,
                "secret": "0123456789abcdef0123456789abcdef",
                "auth_limit_per_address": 100_000,
                **changes,
            }
        )
        database = settings.database_url.get_secret_value()
        clients = Clients(
            engine=make_engine(database, name="test"),
            live_engine=make_engine(database, name="test"),
            answer_engine=make_engine(database, name="test", generic_plans=True),
            redis=make_redis(settings.redis_url.get_secret_value()),
            temporal=await connect(settings, lazy=True),
        )
        producer = Producer(settings.kafka_bootstrap, idempotence=False, client_id="test")
        services = http_services(settings, clients, producer, Exposition(CollectorRegistry()))

        @asynccontextmanager
        async def running() -> AsyncIterator[Services]:
            services.hosting.pins.start()
            yield services
            await services.hosting.pins.stop()
            services.sign_in.passwords.close()
            await producer.stop()
            await clients.redis.aclose()
            await clients.engine.dispose()
            await clients.live_engine.dispose()
            await clients.answer_engine.dispose()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            config = uvicorn.Config(
                http_app(settings, running), lifespan="on", log_config=None, access_log=False
            )
            server = TestServer(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                await asyncio.sleep(0.01)
                assert not serving.done()
            yield Api(f"http://127.0.0.1:{port}", services, clients.engine)
            server.should_exit = True
            await serving

    return make


@pytest.fixture(scope="session")
async def api(make_api: MakeApi) -> AsyncIterator[Api]:
    async with make_api() as running:
        yield running


@pytest.fixture
async def anyone(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An unauthenticated client."""
    async with httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30) as client:
        yield client


SignUp = Callable[[], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def sign_up(api: Api) -> AsyncIterator[SignUp]:
    """Creates clients authenticated as new accounts by access token."""
    async with contextlib.AsyncExitStack() as stack:

        async def make() -> httpx.AsyncClient:
            client = httpx.AsyncClient(base_url=f"{api.url}/api/v1", timeout=30)
            await stack.enter_async_context(client)
            response = await client.post("/auth/register", json=registration())
            assert response.status_code == 201, response.text
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
            return client

        yield make


@pytest.fixture
async def host(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up()


@pytest.fixture
async def quiz_id(host: httpx.AsyncClient) -> str:
    response = await host.post("/quizzes", json=QUIZ)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def registration(**changes: str) -> dict[str, str]:
    return {
        "email": f"{uuid4()}@example.com",
        "password": PASSWORD,
        "display_name": "Ada",
        **changes,
    }


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert a problem document with this status and code; return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert isinstance(problem["retryable"], bool)
    return problem


@pytest.fixture(scope="session")
async def workers(servers: Servers, database_url: str) -> AsyncIterator[None]:
    """Workers in this process that execute runs as in production."""
    settings = WorkerSettings(
        database_url=database_url,
        redis_url=servers.redis_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        kafka_idempotence=False,
        temporal_address=servers.temporal_address,
        secret=SecretStr("0123456789abcdef0123456789abcdef"),
    )
    async with contextlib.AsyncExitStack() as stack:
        engine = make_engine(database_url, name="workers")
        stack.push_async_callback(engine.dispose)
        redis = make_redis(servers.redis_url)
        stack.push_async_callback(redis.aclose)
        producer = Producer(servers.kafka_bootstrap, idempotence=False, client_id="workers")
        await producer.start()
        stack.push_async_callback(producer.stop)
        client = await Client.connect(
            servers.temporal_address, data_converter=pydantic_data_converter
        )
        activities = build_activities(
            PlayStores(engine, redis), producer, settle_ms=settings.settle_ms
        )
        for worker in build_workers(client, settings, activities):
            await stack.enter_async_context(worker)
        yield


@pytest.fixture
async def run_id(host: httpx.AsyncClient, quiz_id: str, workers: None) -> str:
    """A run in its lobby that advances only on command."""
    settings = {"countdown_s": 0, "auto_advance": False}
    response = await host.post("/runs", json={"quiz_id": quiz_id, "settings": settings})
    assert response.status_code == 201, response.text
    return str(response.json()["run_id"])


async def reach(host: httpx.AsyncClient, run_id: str, phase: str) -> dict[str, Any]:
    """Wait until the run is in this phase, and return it."""
    async with asyncio.timeout(15):
        while True:
            run: dict[str, Any] = (await host.get(f"/runs/{run_id}")).json()
            if run["phase"] == phase:
                return run
            await asyncio.sleep(0.05)


async def join(api: Api, run_id: str, *nicknames: str) -> list[str]:
    """Add players to the run without sockets; return their ids."""
    requests = [
        JoinRequest(run_id, str(uuid4()), nickname, nickname_key(nickname), None, now_ms())
        for nickname in nicknames
    ]
    outcomes = await api.services.play.players.join_batch(requests)
    return [outcome.player.id for outcome in outcomes if isinstance(outcome, Joined)]
