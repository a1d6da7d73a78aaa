"""Everything that runs: servers, our processes, the network between them, and who restarts what."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from db.migrate import migrate
from deploy.local.application import Commands, gateway_spec, worker_spec
from deploy.local.child import Child, start_all
from deploy.local.errors import StackError
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.private_file import secret
from deploy.local.stack import SERVER_NAMES, choose_ports, server_env, server_specs
from tests.chaos import procfs
from tests.chaos.brokers import Brokers
from tests.chaos.disk import SmallDisk
from tests.chaos.network import Proxy
from tests.chaos.schedule import Cast
from tests.system.system import ROOT

RESTART_DELAY_S = 1.0
_LOOK_S = 0.1
GATEWAYS = ("gateway-1", "gateway-2")
WORKERS = ("worker-1", "worker-2")
# Where connections to the servers without a name of their own are counted.
OTHERS = "others"


class Stack:
    """The running system. `children` has every process by name, `proxies` every server's address;
    `direct` leads to the servers without a proxy, for those who check; `kafka_log` to the brokers,
    where they keep what they were told.
    """

    def __init__(
        self,
        children: dict[str, Child],
        proxies: Mapping[str, Proxy],
        direct: Mapping[str, str],
        urls: list[str],
        disks: Mapping[str, SmallDisk],
        kafka_log: str,
    ) -> None:
        self.children = children
        self.proxies = proxies
        self.direct = direct
        self.urls = urls
        self.disks = disks
        self.kafka_log = kafka_log
        self.deaths: list[str] = []
        """Processes that ended without our doing."""
        self._killed: set[str] = set()

    @property
    def database_url(self) -> str:
        return self.direct["QUIZRUN_DATABASE_URL"]

    async def kill(self, name: str) -> None:
        """kill -9; the supervisor starts it again."""
        self._killed.add(name)
        await self.children[name].kill()

    async def supervise(self) -> None:
        """Start what has ended again, a second later."""
        async with asyncio.TaskGroup() as keeping:
            for name in self.children:
                keeping.create_task(self._keep(name))

    async def _keep(self, name: str) -> None:
        child = self.children[name]
        while True:
            await asyncio.sleep(_LOOK_S)
            if child.running:
                continue
            if name in self._killed:
                self._killed.discard(name)
            else:
                self.deaths.append(f"{name} (exit {await child.wait()})")
            await asyncio.sleep(RESTART_DELAY_S)
            with contextlib.suppress(StackError):  # what was left of it still holds its port
                await child.launch()


def cast_of(brokers: Brokers) -> Cast:
    """Who takes part in the schedules."""
    servers = ("postgres", "valkey", "temporal", *brokers.names)
    return Cast(GATEWAYS, WORKERS, servers, ("postgres", "valkey"))


@asynccontextmanager
async def running_stack(
    log_dir: Path, brokers: Brokers, skew_ms: Mapping[str, int]
) -> AsyncIterator[Stack]:
    """Start everything with temporary state; `skew_ms` by the name of a gateway. At the end all is
    stopped, whatever state it is in.
    """
    async with AsyncExitStack() as stack:
        data_dir = stack.enter_context(_temporary_directory())
        disks = {name: SmallDisk(data_dir / name) for name in ("postgres", "valkey")}
        for disk in disks.values():
            stack.enter_context(disk)
        password, ports = secret(data_dir / "server-password"), choose_ports()
        only = [name for name in SERVER_NAMES if name != "kafka"]
        specs = await asyncio.to_thread(server_specs, data_dir, only, ports, password)
        children: dict[str, Child] = {}
        processes: dict[str, int] = {}

        def find_owner(client_port: int, server_port: int) -> str:
            for name in (*GATEWAYS, *WORKERS):
                processes[name] = children[name].pid
            return procfs.owner(client_port, server_port, processes) or OTHERS

        taken = set(ports.values())

        def port() -> int:
            taken.add(number := free_port(avoid=frozenset(taken)))
            return number

        upstream = {name: ports[name] for name in only}
        upstream |= {name: port() for name in brokers.names}
        proxies = {name: Proxy(port(), number, find_owner) for name, number in upstream.items()}
        for proxy in proxies.values():
            await proxy.start()
            stack.push_async_callback(proxy.stop)
        specs += await asyncio.to_thread(
            brokers.specs,
            data_dir,
            {name: (upstream[name], proxies[name].port) for name in brokers.names},
        )
        for spec in specs:
            children[spec.name] = Child(spec, log_dir)
        proxied = dict(ports) | {name: proxies[name].port for name in only}
        env = {
            **server_env(SERVER_NAMES, proxied, password),
            **brokers.client_env([proxies[name].port for name in brokers.names]),
            "QUIZRUN_SECRET": "a secret of at least thirty-two characters",
        }
        urls = []
        for number, name in enumerate(WORKERS, 1):
            spec = worker_spec(Commands(), env, number, port())
            children[name] = Child(dataclasses.replace(spec, cwd=ROOT), log_dir)
        for number, name in enumerate(GATEWAYS, 1):
            listening = port()
            spec = gateway_spec(
                _commands(skew_ms.get(name, 0)), env, number, LOOPBACK, listening - number + 1
            )
            children[name] = Child(dataclasses.replace(spec, cwd=ROOT), log_dir)
            urls.append(f"http://{LOOPBACK}:{listening}")
        direct = server_env(only, ports, password)
        kafka_log = env["QUIZRUN_KAFKA_BOOTSTRAP"] if brokers.durable else ""
        running = Stack(children, proxies, direct, urls, disks, kafka_log)
        stack.push_async_callback(_stop, running)
        await start_all(child for name, child in children.items() if name in upstream)
        await asyncio.to_thread(migrate, running.database_url)
        await start_all(children[name] for name in (*WORKERS, *GATEWAYS))
        supervising = asyncio.create_task(running.supervise())
        stack.push_async_callback(_end, supervising)
        yield running


@contextlib.contextmanager
def _temporary_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="quizrun-chaos-"))
    directory.chmod(0o711)  # PostgreSQL, when it runs as another user, must be able to pass
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _commands(skew_ms: int) -> Commands:
    if not skew_ms:
        return Commands()
    return Commands(
        gateway=(sys.executable, "-m", "tests.chaos.skewed", str(skew_ms), "gateway.main")
    )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _stop(stack: Stack) -> None:
    """Kill everything: its state is thrown away."""
    await asyncio.gather(*(_kill_family(child) for child in stack.children.values()))


async def _kill_family(child: Child) -> None:
    # A frozen process dies of SIGKILL, too; PostgreSQL's children would outlive it for a while.
    if child.running:
        procfs.send(child.pid, signal.SIGKILL)
    await child.kill()
