"""Debian's redis-server in production topologies: a cluster with TLS, a master behind Sentinels."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.ports import LOOPBACK, Port, free_port
from tests.programs import debian_program

NODES = 3
SLOTS = 16_384
USER = "quizrun"
PASSWORD = "of the quizrun user"
SENTINEL_PASSWORD = "of the sentinels"
ADMIN_PASSWORD = "of the operator"
MASTER = "quizzes"
# The permissions that docs/configuration.md tells operators to grant.
RULES = (
    "~quizrun:* resetchannels -@all +@read +@write +@scripting +@connection +@transaction "
    "+time +info +cluster"
)


@dataclass(frozen=True)
class RunningRedis:
    """Running servers, and how to reach them."""

    children: list[Child]
    hosts: str
    ca_file: Path | None = None

    @property
    def url(self) -> str:
        kind = "rediss+cluster" if self.ca_file else "redis+sentinel"
        password = PASSWORD.replace(" ", "%20")
        path = "" if self.ca_file else f"/{MASTER}/0"
        return f"{kind}://{USER}:{password}@{self.hosts}{path}"


@contextlib.asynccontextmanager
async def redis_cluster(directory: Path) -> AsyncIterator[RunningRedis]:
    """Three masters that share the slots, with TLS only and an ACL user."""
    authority, ca_file = trustme.CA(), directory / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    authority.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(
        directory / "server.pem"
    )
    tls = {
        "tls-cert-file": f"{directory}/server.pem",
        "tls-key-file": f"{directory}/server.pem",
        "tls-ca-cert-file": str(ca_file),
        "tls-auth-clients": "no",
        "tls-cluster": "yes",
        "tls-replication": "yes",
    }
    ports = _ports(2 * NODES)
    nodes = ports[:NODES]
    specs = [
        _spec(
            f"redis-{number}",
            directory,
            port,
            {
                **tls,
                "port": "0",
                "tls-port": str(port),
                "cluster-enabled": "yes",
                "cluster-port": str(bus),
                "cluster-config-file": f"{directory}/nodes-{number}.conf",
                "cluster-node-timeout": "2000",
            },
            ca_file,
        )
        for number, (port, bus) in enumerate(zip(nodes, ports[NODES:], strict=True))
    ]
    async with _running(specs, directory) as children:
        await _join(nodes, ports[NODES:], ca_file)
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in nodes)
        yield RunningRedis(children, hosts, ca_file)


@contextlib.asynccontextmanager
async def redis_sentinel(directory: Path) -> AsyncIterator[RunningRedis]:
    """A master with a replica, and a Sentinel that fails over between them."""
    master, replica, sentinel = _ports(3)
    own = {"masteruser": "default", "masterauth": f'"{ADMIN_PASSWORD}"'}
    servers = [
        _spec("redis-master", directory, master, {**own, "port": str(master)}),
        _spec(
            "redis-replica",
            directory,
            replica,
            {**own, "port": str(replica), "replicaof": f"{LOOPBACK} {master}"},
        ),
    ]
    watching = ChildSpec(
        name="sentinel",
        command=[
            debian_program("redis-server"),
            str(directory / "sentinel.conf"),
            "--sentinel",
        ],
        check=lambda: _answers(sentinel, SENTINEL_PASSWORD, None),
        ports=[Port(sentinel)],
        start_timeout_s=60,
    )
    (directory / "sentinel.conf").write_text(
        f"port {sentinel}\nbind {LOOPBACK}\ndir {directory}\n"
        f'requirepass "{SENTINEL_PASSWORD}"\n'
        f"sentinel monitor {MASTER} {LOOPBACK} {master} 1\n"
        f"sentinel auth-user {MASTER} default\n"
        f'sentinel auth-pass {MASTER} "{ADMIN_PASSWORD}"\n'
        f"sentinel down-after-milliseconds {MASTER} 1000\n"
        f"sentinel failover-timeout {MASTER} 5000\n"
    )
    async with _running(servers, directory) as children:
        # A Sentinel asks a master for its replicas at once, and then every 10 s.
        await _until(master, ADMIN_PASSWORD, _has_replica)
        async with _running([watching], directory) as more:
            await _until(sentinel, SENTINEL_PASSWORD, _knows_replica)
            yield RunningRedis([*children, *more], f"{LOOPBACK}:{sentinel}")


async def _has_replica(client: Redis) -> bool:
    return bool((await client.info("replication"))["connected_slaves"])


async def _knows_replica(client: Redis) -> bool:
    return bool(await client.sentinel_slaves(MASTER))


async def _until(port: int, password: str, holds: Callable[[Redis], Awaitable[bool]]) -> None:
    async with _client(port, password, None) as client, asyncio.timeout(60):
        while not await holds(client):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _running(specs: list[ChildSpec], directory: Path) -> AsyncIterator[list[Child]]:
    children = [Child(spec, directory / "logs") for spec in specs]
    try:
        await start_all(children)
        yield children
    finally:
        await asyncio.gather(*(child.stop() for child in children))


def _spec(
    name: str,
    directory: Path,
    port: int,
    settings: Mapping[str, str],
    ca_file: Path | None = None,
) -> ChildSpec:
    folder = directory / name
    folder.mkdir()
    common = {
        "bind": LOOPBACK,
        "dir": str(folder),
        "save": '""',
        "maxmemory-policy": "noeviction",
        "requirepass": f'"{ADMIN_PASSWORD}"',
        "user": f'{USER} on ">{PASSWORD}" {RULES}',
    }
    config = folder / "redis.conf"
    config.write_text("".join(f"{key} {value}\n" for key, value in {**common, **settings}.items()))
    return ChildSpec(
        name=name,
        command=[debian_program("redis-server"), str(config)],
        check=lambda: _answers(port, ADMIN_PASSWORD, ca_file),
        ports=[Port(port)],
        start_timeout_s=60,
    )


def _client(port: int, password: str, ca_file: Path | None) -> Redis:
    if ca_file is None:
        return Redis(host=LOOPBACK, port=port, password=password)
    return Redis(host=LOOPBACK, port=port, password=password, ssl=True, ssl_ca_certs=str(ca_file))


async def _answers(port: int, password: str, ca_file: Path | None) -> None:
    async with _client(port, password, ca_file) as client:
        await client.ping()


async def _join(ports: list[int], buses: list[int], ca_file: Path) -> None:
    """Join the nodes to one cluster, and wait until all of them agree."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(_client(port, ADMIN_PASSWORD, ca_file))
            for port in ports
        ]
        for number, client in enumerate(clients):
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            await _cluster(client, "SET-CONFIG-EPOCH", number + 1)
            await _cluster(client, "ADDSLOTSRANGE", first, last)
        for port, bus in zip(ports[1:], buses[1:], strict=True):
            await _cluster(clients[0], "MEET", LOOPBACK, port, bus)
        async with asyncio.timeout(60):
            while not all([await _joined(client) for client in clients]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def _cluster(client: Any, *command: str | int) -> Any:
    return await client.execute_command("CLUSTER", *command)


async def _joined(client: Redis) -> bool:
    try:
        info = (await _cluster(client, "INFO")).decode()
    except RedisConnectionError:
        return False
    return "cluster_state:ok" in info and f"cluster_known_nodes:{NODES}" in info


def _ports(count: int) -> list[int]:
    taken: set[int] = set()
    while len(taken) < count:
        taken.add(free_port(avoid=frozenset(taken)))
    return list(taken)
