"""Debian's Redis."""

from __future__ import annotations

from pathlib import Path

from deploy.local.child import ChildSpec
from deploy.local.debian import program
from deploy.local.valkey import valkey_spec


def redis_program() -> str:
    """Return the server's path. Blocks while apt-get installs `redis-server` if it is missing."""
    return program("redis-server", "redis-server")


def redis_spec(data_dir: Path, port: int, password: str) -> ChildSpec:
    """Return how to run a server with an append-only file in `data_dir`. Raises `StackError`."""
    return valkey_spec(data_dir, port, password, name="redis", program=redis_program())
