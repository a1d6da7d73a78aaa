from __future__ import annotations

import asyncio

import pytest

from db.migrate import migrate
from deploy.local.stack import Servers


@pytest.fixture(scope="session")
async def database_url(servers: Servers) -> str:
    await asyncio.to_thread(migrate, servers.database_url)
    return servers.database_url
