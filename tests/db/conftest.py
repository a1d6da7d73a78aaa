"""An engine on the migrated database, a Redis client, and servers that tests may break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.migrate import migrate
from db.redis import make_redis
from deploy.local.stack import Servers, embedded_servers


@pytest.fixture(scope="session")
async def engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(migrate, servers.database_url)
    engine = make_engine(servers.database_url, pool_size=20, name="tests")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def redis(servers: Servers) -> AsyncIterator[Redis]:
    redis = make_redis(servers.redis_url)
    yield redis
    await redis.aclose()


@pytest.fixture(scope="session")
async def breakable() -> AsyncIterator[Servers]:
    """PostgreSQL and Valkey of our own, which a test may stop; it must start them again."""
    async with embedded_servers(only={"postgres", "valkey"}) as servers:
        await asyncio.to_thread(migrate, servers.database_url)
        yield servers
