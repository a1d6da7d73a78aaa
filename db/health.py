"""Health checks of PostgreSQL and Redis."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.redis import RedisClient, ping
from telemetry.health import CHECK_TIMEOUT_S, HealthCheck


def store_checks(engine: AsyncEngine, redis: RedisClient) -> tuple[HealthCheck, HealthCheck]:
    """Build the health checks of PostgreSQL and Redis."""

    async def query() -> None:
        async with statements(engine, timeout_s=CHECK_TIMEOUT_S) as connection:
            await connection.execute(text("SELECT 1"))

    async def ping_redis() -> None:
        await ping(redis)

    return (
        HealthCheck("postgres", query),
        # Not required: everything in Redis can be read elsewhere, only slower.
        HealthCheck("redis", ping_redis, required=False),
    )
