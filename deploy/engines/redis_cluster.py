"""A Redis Cluster on loopback, using Debian's Redis: three masters with a replica each.

async with redis_cluster(data_dir, password) as cluster:
    env = cluster.env()
    await cluster.nodes[0].kill()     # its replica takes over within seconds
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio

from deploy.engines.redis import redis_program
from deploy.errors import StackError
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.debian import program
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.valkey import redis_url, valkey_spec
from deploy.programs import run

NODES = tuple(f"redis-{number}" for number in range(1, 7))
REPLICAS_EACH = 1
FORM_TIMEOUT_S = 60.0
_NODE_TIMEOUT_MS = 3_000
_SLOTS = "16384"
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisCluster:
    """A running cluster. Addresses and data survive restarts of nodes."""

    nodes: Sequence[Child]
    ports: Sequence[int]
    password: str

    def env(self) -> dict[str, str]:
        """The environment variables that connect Quizrun's processes to this cluster."""
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in self.ports)
        return {"QUIZRUN_REDIS_URL": f"redis+cluster://:{self.password}@{hosts}"}


@contextlib.asynccontextmanager
async def redis_cluster(data_dir: Path, password: str) -> AsyncIterator[RedisCluster]:
    """Start a new cluster, yield it when every node knows all slots, and stop it at the end.

    Raises `StackError`.
    """
    buses = [f"{name}-bus" for name in NODES]
    ports = free_ports([*NODES, *buses])
    specs = await asyncio.to_thread(_specs, data_dir, ports, password)
    nodes = [Child(spec, data_dir / "logs") for spec in specs]
    async with contextlib.AsyncExitStack() as stack:
        for node in nodes:
            stack.push_async_callback(node.stop)
        await start_all(nodes)
        addresses = [ports[name] for name in NODES]
        await asyncio.to_thread(_join, addresses, password)
        await _formed(addresses, password)
        yield RedisCluster(nodes=nodes, ports=addresses, password=password)


def _specs(data_dir: Path, ports: Mapping[str, int], password: str) -> list[ChildSpec]:
    return [
        valkey_spec(
            data_dir / name,
            ports[name],
            password,
            name=name,
            program=redis_program(),
            more={
                "cluster-enabled": "yes",
                "cluster-node-timeout": str(_NODE_TIMEOUT_MS),
                # The default, 10,000 above the client port, may be in use.
                "cluster-port": str(ports[f"{name}-bus"]),
                "cluster-announce-ip": LOOPBACK,
                "masterauth": password,
            },
        )
        for name in NODES
    ]


def _join(ports: Sequence[int], password: str) -> None:
    """Assign slots and replicas with redis-cli, as an operator would."""
    command = [
        *(program("redis-cli", "redis-tools"), "--no-auth-warning", "--cluster", "create"),
        *(f"{LOOPBACK}:{port}" for port in ports),
        *("--cluster-replicas", str(REPLICAS_EACH), "--cluster-yes"),
    ]
    # Not on the command line, which every user of the machine can see.
    env = {"REDISCLI_AUTH": password}
    run(command, env=env, timeout_s=FORM_TIMEOUT_S, name="redis-cli --cluster create")


async def _formed(ports: Sequence[int], password: str) -> None:
    """Wait until every node knows all slots and every replica follows its master."""
    try:
        async with asyncio.timeout(FORM_TIMEOUT_S):
            for port in ports:
                while not await _complete(port, password):  # noqa: ASYNC110 - the cluster has no event for it
                    await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        message = f"Redis Cluster did not form within {FORM_TIMEOUT_S:g} s."
        raise StackError(message) from error


async def _complete(port: int, password: str) -> bool:
    client = redis.asyncio.Redis.from_url(redis_url(port, password), socket_timeout=5)
    try:
        cluster = await client.cluster("INFO")
        replication = await client.info("replication")
    finally:
        await client.aclose()
    if cluster["cluster_state"] != "ok" or cluster["cluster_slots_ok"] != _SLOTS:
        return False
    follower = replication["role"] == "slave"
    return not follower or replication["master_link_status"] == "up"
