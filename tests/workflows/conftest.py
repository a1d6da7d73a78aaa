"""A separate Temporal server: runs left behind by other tests would reach these workers, too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.local.stack import embedded_servers


@pytest.fixture(scope="session")
async def client() -> AsyncIterator[Client]:
    async with embedded_servers(only={"temporal"}) as servers:
        yield await Client.connect(servers.temporal_address, data_converter=pydantic_data_converter)
