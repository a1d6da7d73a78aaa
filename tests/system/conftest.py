"""Two gateways and two workers as processes, and clients for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import pytest

from tests.system.client import Client, PythonClient
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.javascript import Driver, JavaScriptClient, running_driver
from tests.system.system import Logs, System, running_system


@pytest.fixture(scope="package")
async def system() -> AsyncIterator[System]:
    async with running_system(gateways=2, workers=2) as running:
        yield running


@pytest.fixture(scope="package")
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """Connects to the second gateway, because tests kill the first."""
    async with httpx.AsyncClient(base_url=f"{system.urls[1]}/api/v1", timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="package")
async def host(http: httpx.AsyncClient) -> Host:
    return await Host.register(http)


@pytest.fixture(scope="package")
async def driver() -> AsyncIterator[Driver]:
    async with running_driver() as running:
        yield running


@pytest.fixture(scope="package")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as running:
        yield running


class Clients:
    """Creates clients and closes them at the end of the test."""

    def __init__(self, session: aiohttp.ClientSession, driver: Driver, urls: list[str]) -> None:
        self._session = session
        self._driver = driver
        self._urls = urls
        self._made: list[Client] = []

    def python(self, gateway: int = 0, namespace: str = "/play") -> PythonClient:
        client = PythonClient(self._session, self._urls[gateway], namespace)
        self._made.append(client)
        return client

    def javascript(
        self, gateway: int = 0, namespace: str = "/play", **options: Any
    ) -> JavaScriptClient:
        client = JavaScriptClient(self._driver, options, self._urls[gateway], namespace)
        self._made.append(client)
        return client

    def of_kind(self, kind: str, gateway: int = 0, namespace: str = "/play") -> Client:
        match kind:
            case "python":
                return self.python(gateway, namespace)
            case "javascript":
                return self.javascript(gateway, namespace, transports=["websocket"])
            case _:
                return self.javascript(gateway, namespace)

    async def close(self) -> None:
        for client in self._made:
            await client.close()


@pytest.fixture
async def clients(
    session: aiohttp.ClientSession, driver: Driver, system: System
) -> AsyncIterator[Clients]:
    made = Clients(session, driver, system.urls)
    yield made
    await made.close()


KINDS = ("python", "javascript", "javascript-defaults")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Python, JavaScript over WebSocket, and JavaScript with its defaults (polling first)."""
    return str(request.param)


@pytest.fixture
def logs(system: System) -> Logs:
    return Logs(system)
