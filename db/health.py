"""Whether PostgreSQL and Redis answer."""

from __future__ import annotations

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from telemetry.health import CHECK_TIMEOUT_S, HealthCheck


def store_checks(engine: AsyncEngine, redis: Redis) -> tuple[HealthCheck, HealthCheck]:
    """How to ask the two of them."""

    async def query() -> None:
        async with statements(engine, timeout_s=CHECK_TIMEOUT_S) as connection:
            await connection.execute(text("SELECT 1"))

    async def ping() -> None:
        await redis.ping()

    return (
        HealthCheck("postgres", query),
        # Everything in Redis can be had elsewhere, only slower.
        HealthCheck("redis", ping, required=False),
    )
