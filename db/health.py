"""Whether PostgreSQL and Redis answer."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.redis import RedisClient, ping
from telemetry.health import CHECK_TIMEOUT_S, HealthCheck


def store_checks(engine: AsyncEngine, redis: RedisClient) -> tuple[HealthCheck, HealthCheck]:
    """How to ask the two of them."""

    async def query() -> None:
        async with statements(engine, timeout_s=CHECK_TIMEOUT_S) as connection:
            await connection.execute(text("SELECT 1"))

    async def ask() -> None:
        await ping(redis)

    return (
        HealthCheck("postgres", query),
        # Everything in Redis can be had elsewhere, only slower.
        HealthCheck("redis", ask, required=False),
    )
