"""Servers that the environment names instead of the embedded ones: they are only asked whether they
answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import psycopg
import redis.asyncio

from deploy.local import kafka, temporal
from deploy.local.errors import StackError

_TIMEOUT_S = 10.0

# Which embedded server each variable stands in for.
REPLACES = {
    "QUIZRUN_DATABASE_URL": "postgres",
    "QUIZRUN_REDIS_URL": "valkey",
    "QUIZRUN_KAFKA_BOOTSTRAP": "kafka",
    "QUIZRUN_TEMPORAL_ADDRESS": "temporal",
}


async def check_external(env: Mapping[str, str], namespace: str) -> None:
    """Raise ``StackError`` naming the first variable of ``env`` whose server does not answer."""

    async def check_temporal(address: str) -> None:
        await temporal.check_namespace(address, namespace)

    checks: dict[str, Callable[[str], Awaitable[None]]] = {
        "QUIZRUN_DATABASE_URL": _check_postgres,
        "QUIZRUN_REDIS_URL": _check_redis,
        "QUIZRUN_KAFKA_BOOTSTRAP": kafka.check_bootstrap,
        "QUIZRUN_TEMPORAL_ADDRESS": check_temporal,
    }
    for variable in REPLACES.keys() & env.keys():
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await checks[variable](env[variable])
        except Exception as error:
            reason = str(error).strip().split("\n")[0] or f"no answer within {_TIMEOUT_S:g} s"
            message = (
                f"{variable} is set, but its server does not answer: {reason}; "
                f"start that server, or unset {variable} to use the embedded one."
            )
            raise StackError(message) from error


async def _check_postgres(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        url, connect_timeout=int(_TIMEOUT_S)
    ) as connection:
        await connection.execute("SELECT 1")


async def _check_redis(url: str) -> None:
    client = redis.asyncio.Redis.from_url(url, socket_timeout=_TIMEOUT_S)
    try:
        await client.ping()
    finally:
        await client.aclose()
