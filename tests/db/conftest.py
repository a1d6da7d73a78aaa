"""Fixtures: an engine on a migrated database, a Redis client, and servers that tests may break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.migrate import migrate
from db.redis import RedisClient, make_redis
from db.redis_address import RedisAccess
from deploy.local.stack import Servers, embedded_servers
from tests.db.redis_servers import RunningRedis, redis_cluster


@pytest.fixture(scope="session")
async def engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(migrate, servers.database_url)
    engine = make_engine(servers.database_url, pool_size=20, name="tests")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningRedis]:
    """A Redis Cluster with TLS."""
    async with redis_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="session", params=["single", "cluster"])
def redis_place(request: pytest.FixtureRequest) -> tuple[str, RedisAccess]:
    """Run every test of the stores on a single server and on a cluster."""
    if request.param == "single":
        servers: Servers = request.getfixturevalue("servers")
        return servers.redis_url, RedisAccess()
    cluster: RunningRedis = request.getfixturevalue("cluster")
    return cluster.url, RedisAccess(ca_file=str(cluster.ca_file))


@pytest.fixture(scope="session")
async def redis(redis_place: tuple[str, RedisAccess]) -> AsyncIterator[RedisClient]:
    redis = make_redis(*redis_place)
    yield redis
    await redis.aclose()


@pytest.fixture(scope="session")
async def breakable() -> AsyncIterator[Servers]:
    """Separate PostgreSQL and Valkey servers, which tests may stop but must start again."""
    async with embedded_servers(only={"postgres", "valkey"}) as servers:
        await asyncio.to_thread(migrate, servers.database_url)
        yield servers
