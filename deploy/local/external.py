"""Check external servers, which the environment names instead of the embedded ones, with the TLS
and credentials that Quizrun's processes will use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import text
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

from bus.connection import KafkaConnection
from db.engine import engine_of
from db.redis import ping, redis_of
from deploy.errors import StackError
from deploy.local import kafka
from telemetry.settings import DatabaseSettings, KafkaSettings, RedisSettings, TemporalSettings
from workflows.connection import connect

_TIMEOUT_S = 10.0

# The embedded server that each variable replaces.
REPLACES = {
    "QUIZRUN_DATABASE_URL": "postgres",
    "QUIZRUN_REDIS_URL": "valkey",
    "QUIZRUN_KAFKA_BOOTSTRAP": "kafka",
    "QUIZRUN_TEMPORAL_ADDRESS": "temporal",
}


async def check_external(env: Mapping[str, str], namespace: str) -> None:
    """Raise ``StackError`` for the first variable of ``env`` whose server does not respond."""

    async def check_temporal(address: str) -> None:
        await _check_temporal(
            TemporalSettings(temporal_address=address, temporal_namespace=namespace)
        )

    checks: dict[str, Callable[[str], Awaitable[None]]] = {
        "QUIZRUN_DATABASE_URL": _check_postgres,
        "QUIZRUN_REDIS_URL": _check_redis,
        "QUIZRUN_KAFKA_BOOTSTRAP": _check_kafka,
        "QUIZRUN_TEMPORAL_ADDRESS": check_temporal,
    }
    for variable in REPLACES.keys() & env.keys():
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await checks[variable](env[variable])
        except Exception as error:
            reason = str(error).strip().split("\n")[0] or f"no response within {_TIMEOUT_S:g} s"
            message = (
                f"{variable} is set, but its server is not responding: {reason}; "
                f"start the server, or unset {variable} to use the embedded one."
            )
            raise StackError(message) from error


async def _check_postgres(url: str) -> None:
    engine = engine_of(DatabaseSettings(database_url=url), name="quizrun up")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()


async def _check_redis(url: str) -> None:
    client = redis_of(RedisSettings(redis_url=url))
    try:
        await ping(client)
    finally:
        await client.aclose()


async def _check_kafka(bootstrap: str) -> None:
    connection = KafkaConnection.from_settings(KafkaSettings(kafka_bootstrap=bootstrap))
    await kafka.check_bootstrap(bootstrap, connection.security)


async def _check_temporal(settings: TemporalSettings) -> None:
    client = await connect(settings)
    await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=settings.temporal_namespace)
    )
