"""Starts the stack of a seed, and destroys it whatever state it is in."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from db.migrate import migrate
from deploy.local.application import Commands, gateway_spec, worker_spec
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.private_file import secret
from tests import fork_server
from tests.chaos import procfs
from tests.chaos.brokers import Brokers
from tests.chaos.disk import SmallDisk
from tests.chaos.engines import EMBEDDED, Engines
from tests.chaos.network import Proxy
from tests.chaos.schedule import Topology
from tests.chaos.stack import GATEWAYS, OTHERS, OURS, WORKERS, Stack
from tests.system.system import ROOT

START_TIMEOUT_S = 120.0
"""Many processes start at once, perhaps on a busy machine."""


def topology_of(brokers: Brokers, engines: Engines = EMBEDDED) -> Topology:
    """What the schedules can hit."""
    servers = (*engines.servers, *brokers.names)
    others = (*brokers.controllers, *engines.others)
    return Topology(GATEWAYS, WORKERS, servers, others, engines.disks, engines.redis)


@asynccontextmanager
async def running_stack(
    log_dir: Path, brokers: Brokers, engines: Engines, skew_ms: Mapping[str, int]
) -> AsyncIterator[Stack]:
    """Start the stack with temporary state; `skew_ms` is the clock error by gateway."""
    async with AsyncExitStack() as closing:
        builder = _Builder(closing, log_dir, engines)
        _, kafka_env = await asyncio.gather(builder.start_servers(), builder.start_brokers(brokers))
        await builder.start_ours(kafka_env, skew_ms)
        supervising = asyncio.create_task(builder.stack.supervise())
        closing.push_async_callback(_end, supervising)
        yield builder.stack


class _Builder:
    """Starts a stack step by step; closing `closing` stops what was started."""

    def __init__(self, closing: AsyncExitStack, log_dir: Path, engines: Engines) -> None:
        self.stack = Stack()
        self._closing = closing
        self._log_dir = log_dir
        self._engines = engines
        self._data_dir = closing.enter_context(_temporary_directory())
        self._password = secret(self._data_dir / "server-password")
        self._ports = engines.choose_ports()
        self._taken = set(self._ports.values())

    async def start_servers(self) -> None:
        """Start PostgreSQL, Redis and Temporal, each behind its proxy."""
        stack, closing, engines = self.stack, self._closing, self._engines
        stack.disks = {name: SmallDisk(self._data_dir / name) for name in engines.disks}
        for disk in stack.disks.values():
            closing.enter_context(disk)
        specs = await asyncio.to_thread(engines.specs, self._data_dir, self._ports, self._password)
        servers = {spec.name: Child(spec, self._log_dir) for spec in specs}
        stack.children |= servers
        closing.push_async_callback(stack.destroy)
        await start_all(servers.values())
        for name in engines.servers:
            await self._start(self._new_proxy(name, self._ports[name]))
        stack.direct = engines.env(self._ports, self._password)
        await asyncio.to_thread(migrate, stack.database_url)

    async def start_brokers(self, brokers: Brokers) -> dict[str, str]:
        """Start Kafka, advertised at the brokers' proxies; return its clients' environment."""

        def advertise(name: str, port: int) -> int:
            return self._new_proxy(name, port).port

        started = await self._closing.enter_async_context(
            brokers.running(self._data_dir / "kafka", self._log_dir, advertise)
        )
        self.stack.children |= {child.spec.name: child for child in started}
        for name in brokers.names:
            await self._start(self.stack.proxies[name])
        env = brokers.client_env([self.stack.proxies[name].port for name in brokers.names])
        if brokers.durable:
            self.stack.kafka_log = env["QUIZRUN_KAFKA_BOOTSTRAP"]
        return env

    async def start_ours(self, kafka_env: Mapping[str, str], skew_ms: Mapping[str, int]) -> None:
        """Start workers and gateways, which know only the proxies."""
        stack = self.stack
        ports = {name: stack.proxies[name].port for name in self._engines.servers}
        env = {
            **self._engines.env({**self._ports, **ports}, self._password),
            **kafka_env,
            "QUIZRUN_SECRET": "a secret of at least thirty-two characters",
        }
        for number, name in enumerate(WORKERS, 1):
            spec = worker_spec(Commands(), env, number, self._port())
            stack.children[name] = self._child(spec)
        for number, name in enumerate(GATEWAYS, 1):
            port = self._port()
            commands = _commands(skew_ms.get(name, 0))
            # `gateway_spec` counts ports from that of the first gateway.
            spec = gateway_spec(commands, env, number, LOOPBACK, port - number + 1)
            stack.children[name] = self._child(spec)
            stack.urls.append(f"http://{LOOPBACK}:{port}")
        await start_all(stack.children[name] for name in OURS)

    def _child(self, spec: ChildSpec) -> Child:
        changed = dataclasses.replace(
            spec, cwd=ROOT, start_timeout_s=START_TIMEOUT_S, popen=fork_server.popen
        )
        return Child(changed, self._log_dir)

    def _new_proxy(self, name: str, upstream: int) -> Proxy:
        proxy = self.stack.proxies[name] = Proxy(self._port(), upstream, self._owner)
        return proxy

    async def _start(self, proxy: Proxy) -> None:
        await proxy.start()
        self._closing.push_async_callback(proxy.stop)

    def _owner(self, client_port: int, server_port: int) -> str:
        children = self.stack.children
        pids = {name: children[name].pid for name in OURS if name in children}
        return procfs.owner(client_port, server_port, pids) or OTHERS

    def _port(self) -> int:
        self._taken.add(number := free_port(avoid=frozenset(self._taken)))
        return number


@contextlib.contextmanager
def _temporary_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="quizrun-chaos-"))
    directory.chmod(0o711)  # PostgreSQL may run as another user and must be able to enter
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _commands(skew_ms: int) -> Commands:
    if not skew_ms:
        return Commands()
    skewed = ("-m", "tests.chaos.skewed", str(skew_ms), "gateway.main")
    return Commands(gateway=(sys.executable, *skewed))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
