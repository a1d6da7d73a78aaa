"""One system for all tests, and each engine once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.browsers.firefox import firefox
from tests.browsers.webdriver import Browser
from tests.browsers.webkit import webkit
from tests.system.hosting import TIMEOUT_S
from tests.system.system import ROOT, System, running_system

ENGINES = {"firefox": firefox, "webkit": webkit}
PHONE = (420, 900)


@pytest.fixture(scope="module")
async def system() -> AsyncIterator[System]:
    if not (ROOT / "web/dist/index.html").exists():
        pytest.skip("`make web` builds the client that browsers open")
    async with running_system(gateways=1, workers=1) as running:
        yield running


@pytest.fixture
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"{system.urls[0]}/api/v1", timeout=TIMEOUT_S, trust_env=False
    ) as client:
        yield client


@pytest.fixture(scope="module", params=ENGINES)
async def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    directory = tmp_path_factory.mktemp(request.param)
    async with ENGINES[request.param](directory) as browser:
        yield browser


@pytest.fixture
async def browser(engine: Browser) -> Browser:
    """A fresh browser: storage of another origin, and no cookies."""
    await engine.forget_cookies()
    await engine.resize(*PHONE)
    return engine
