"""The whole system as in production: the servers and our own processes."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from db.migrate import migrate
from deploy.engines.kafka import KafkaCluster
from deploy.local.application import Commands, gateway_spec, worker_spec
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.probe import probe
from deploy.local.stack import SERVER_NAMES, Servers, embedded_servers
from tests import fork_server

ROOT = Path(__file__).parents[2]
SUPERVISOR_DELAY_S = 1.0
START_TIMEOUT_S = 120.0


class System:
    """Servers, gateways and workers, each of which can be killed and restarted."""

    def __init__(self, servers: Servers, gateways: list[Child], workers: list[Child]) -> None:
        self.servers = servers
        self.gateways = gateways
        self.workers = workers
        self.urls = [_url(gateway) for gateway in gateways]

    @property
    def processes(self) -> list[Child]:
        """Our own processes."""
        return [*self.gateways, *self.workers]

    async def crash(self, *children: Child) -> None:
        """kill -9, and a restart a second later, like a supervisor."""
        await asyncio.gather(*(child.kill() for child in children))
        # time: as a supervisor takes it
        await asyncio.sleep(SUPERVISOR_DELAY_S)
        await start_all(children)

    async def upgrade(self, child: Child) -> None:
        """Stop a process gracefully, and start this release's in its place."""
        await child.stop()
        kind, number = child.spec.name.split("-")
        port = child.spec.ports[0].number
        env = child.spec.env
        spec = (
            worker_spec(Commands(), env, int(number), port)
            if kind == "worker"
            else gateway_spec(Commands(), env, int(number), LOOPBACK, port - int(number) + 1)
        )
        child.spec = _at(ROOT, spec)
        await child.start()

    async def migrate(self) -> None:
        """Migrate the database to this release's schema."""
        await asyncio.to_thread(migrate, self.servers.database_url)

    async def crash_server(self, name: str) -> None:
        """Crash one of the servers like `crash`."""
        await self.crash(self.servers.children[name])


class Logs:
    """The log lines of our own processes since this object was created."""

    def __init__(self, system: System) -> None:
        self._from = {child.log_path: child.log_path.stat().st_size for child in system.processes}

    def lines(self) -> list[str]:
        """All lines, prefixed with the process's name."""
        found = []
        for path, start in self._from.items():
            with path.open("rb") as log:
                log.seek(start)
                text = log.read().decode()
            found += [f"{path.stem}: {line}" for line in text.splitlines()]
        return found

    def faults(self) -> list[str]:
        """Lines that indicate a bug: errors, and tracebacks of any level."""
        levels = ("error", "critical")
        # The previous release has another format.
        forms = ('"log.level":"{}"', '"level": "{}"')
        signs = ("Traceback", *(form.format(level) for form in forms for level in levels))
        return [line for line in self.lines() if any(sign in line for sign in signs)]


def _url(gateway: Child) -> str:
    return f"http://{LOOPBACK}:{gateway.spec.ports[0].number}"


def _at(code: Path, spec: ChildSpec) -> ChildSpec:
    """Run the process from the release in `code`."""

    async def answers() -> None:
        await probe(spec.health_url.replace("/readyz", "/healthz"))

    # Workers of the previous release have no /readyz.
    check = spec.check if code == ROOT else answers
    return dataclasses.replace(
        spec,
        cwd=code,
        env={**spec.env, "PYTHONPATH": str(code)},
        check=check,
        start_timeout_s=START_TIMEOUT_S,
        popen=fork_server.popen if code == ROOT else spec.popen,
    )


@asynccontextmanager
async def running_system(
    gateways: int,
    workers: int,
    *,
    kafka: KafkaCluster | None = None,
    code: Path = ROOT,
    settings: Mapping[str, str] | None = None,
    commands: Commands | None = None,
) -> AsyncIterator[System]:
    """Start everything with temporary state, and stop it in order at the end.

    `kafka` replaces the embedded broker. `code` has the release that gateways and workers run,
    with other `commands` if given. `settings` are added to their environment.
    """
    commands = commands or Commands()
    only = set(SERVER_NAMES) - ({"kafka"} if kafka else set())
    fork_server.launch()
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(embedded_servers(only=only))
        env = {**servers.env(), **(kafka.env() if kafka else {})}
        env = {**env, "QUIZRUN_SECRET": "a secret of at least thirty-two characters"}
        env = {**env, **(settings or {})}
        migration = await asyncio.create_subprocess_exec(
            *commands.migrate, cwd=code, env={**os.environ, **env, "PYTHONPATH": str(code)}
        )
        assert await migration.wait() == 0
        logs = next(iter(servers.children.values())).log_path.parent
        taken: set[int] = set()

        def port() -> int:
            taken.add(number := free_port(avoid=frozenset(taken)))
            return number

        def child(kind: str, number: int) -> Child:
            if kind == "worker":
                spec = worker_spec(commands, env, number, port())
            else:
                # Its port is counted from the first one's.
                spec = gateway_spec(commands, env, number, LOOPBACK, port() - number + 1)
            made = Child(_at(code, spec), logs)
            stack.push_async_callback(made.stop)
            return made

        ours = {
            kind: [child(kind, number) for number in range(1, count + 1)]
            for kind, count in (("worker", workers), ("gateway", gateways))
        }
        await fork_server.imported()
        await start_all(ours["worker"] + ours["gateway"])
        yield System(servers, ours["gateway"], ours["worker"])
