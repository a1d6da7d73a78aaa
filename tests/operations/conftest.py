"""A gateway and a worker as processes, players and a host, and an operator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest

from deploy.operations.wiring import Operations, operations
from gateway.settings import GatewaySettings
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.system import System, running_system


def settings_for(system: System) -> GatewaySettings:
    """The environment of an operator's command."""
    servers = system.servers
    return GatewaySettings.model_validate(
        {
            "database_url": servers.database_url,
            "redis_url": servers.redis_url,
            "kafka_bootstrap": servers.kafka_bootstrap,
            "kafka_idempotence": False,
            "temporal_address": servers.temporal_address,
            "temporal_ui_url": servers.temporal_ui_url,
            "secret": system.gateways[0].spec.env["QUIZRUN_SECRET"],
        }
    )


@pytest.fixture(scope="package")
async def system() -> AsyncIterator[System]:
    async with running_system(gateways=1, workers=1) as running:
        yield running


@pytest.fixture
async def ops(system: System) -> AsyncIterator[Operations]:
    async with operations(settings_for(system)) as running:
        yield running


@pytest.fixture(scope="package")
async def host(system: System) -> AsyncIterator[Host]:
    base_url = f"{system.urls[0]}/api/v1"
    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S) as client:
        yield await Host.register(client)


@pytest.fixture(scope="package")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as running:
        yield running
