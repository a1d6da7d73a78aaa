"""nginx in front of two gateways, with two workers behind them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import httpx
import pytest

from tests.nginx.proxy import Nginx
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.javascript import Driver, running_driver
from tests.system.system import System, running_system

ADMISSIONS_PER_S = 20


@dataclass(frozen=True)
class Site:
    """The system as the public accesses it, through nginx only."""

    nginx: Nginx
    system: System
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return self.nginx.url


@pytest.fixture(scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    nginx = Nginx(tmp_path_factory.mktemp("nginx"))
    settings = {
        "QUIZRUN_PUBLIC_URL": nginx.url,
        # Makes a gateway with a few dozen clients drain slowly.
        "QUIZRUN_ADMISSIONS_PER_S": str(ADMISSIONS_PER_S),
        # The time for nginx to notice that the previously replaced gateway is back.
        "QUIZRUN_DRAIN_DELAY_S": "3",
    }
    async with running_system(gateways=2, workers=2, settings=settings) as system:
        tags = {
            f"g{number}": url.removeprefix("http://")
            for number, url in enumerate(system.urls, start=1)
        }
        nginx.render(tags)
        await nginx.child.start()
        try:
            yield Site(nginx, system, ssl.create_default_context(cafile=str(nginx.authority)))
        finally:
            await nginx.child.stop()


@pytest.fixture(scope="package")
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, verify=site.trust, timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="package")
async def host(site: Site) -> AsyncIterator[Host]:
    async with httpx.AsyncClient(
        base_url=f"{site.url}/api/v1", verify=site.trust, timeout=TIMEOUT_S
    ) as client:
        yield await Host.register(client)


@pytest.fixture(scope="package")
async def driver(site: Site) -> AsyncIterator[Driver]:
    async with running_driver(site.nginx.authority) as running:
        yield running


@pytest.fixture(scope="package")
async def session(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0, ssl=site.trust)
    async with aiohttp.ClientSession(connector=connector) as running:
        yield running
