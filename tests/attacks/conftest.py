"""One gateway and one worker as processes for all attacks, and a witness on the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.attacks.watching import Order, Seen
from tests.attacks.witness import Witness, witness_of
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.quizzes import quiz, single
from tests.system.system import Logs, System, running_system

SOCKETS_PER_ADDRESS = 100
JOIN_TIMEOUT_S = 3
BACKLOG_BYTES = 2_000_000
SETTINGS = {
    "QUIZRUN_MAX_SOCKETS_PER_ADDRESS": str(SOCKETS_PER_ADDRESS),
    "QUIZRUN_JOIN_TIMEOUT_S": str(JOIN_TIMEOUT_S),
    "QUIZRUN_MAX_BACKLOG_BYTES": str(BACKLOG_BYTES),
}
"""Bounds that are lower than the defaults, so that an attack reaches them within seconds."""


@pytest.fixture(scope="package")
async def system() -> AsyncIterator[System]:
    async with running_system(gateways=1, workers=1, settings=SETTINGS) as running:
        yield running


@pytest.fixture(scope="package")
def url(system: System) -> str:
    """The gateway's."""
    return system.urls[0]


@pytest.fixture(scope="package")
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="package")
async def host(http: httpx.AsyncClient) -> Host:
    return await Host.register(http)


@pytest.fixture(scope="package")
async def witness(system: System, host: Host) -> AsyncIterator[Witness]:
    """Four players in a lobby, on the gateway that is attacked."""
    run = await host.open_run(quiz(single()))
    order = Order(system.urls[0], system.gateways[0].pid, run.pin)
    async with witness_of(order) as watching:
        yield watching


@pytest.fixture(scope="package")
async def calm(witness: Witness) -> Seen:
    """What the witness saw before the first attack."""
    return await witness.calm()


@pytest.fixture
def logs(system: System) -> Logs:
    return Logs(system)
