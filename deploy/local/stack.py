"""The four servers as one async context manager, for the ``quizrun`` command, tests and benchmarks.

async with embedded_servers() as servers:
    client = await Client.connect(servers.temporal_address)
    await servers.kill("postgres")      # SIGKILL, as a fault test wants it
    await servers.restart("postgres")   # same port, same data
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from pathlib import Path

from deploy.errors import StackError
from deploy.local import kafka, postgres, temporal, valkey
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.private_file import secret

SERVER_NAMES = ("postgres", "valkey", "kafka", "temporal")


class Servers:
    """Running servers and their addresses, which survive ``kill`` and ``restart``."""

    def __init__(
        self, children: Mapping[str, Child], ports: Mapping[str, int], password: str
    ) -> None:
        """``children`` by server name; ``ports`` has one for each, and ``temporal-ui``."""
        self.children = children
        self.ports = ports
        self._password = password
        self.database_url = postgres.database_url(ports["postgres"], password)
        self.redis_url = valkey.redis_url(ports["valkey"], password)
        self.kafka_bootstrap = f"{LOOPBACK}:{ports['kafka']}"
        self.temporal_address = f"{LOOPBACK}:{ports['temporal']}"
        self.temporal_ui_url = f"http://{LOOPBACK}:{ports['temporal-ui']}"

    def env(self) -> dict[str, str]:
        """Return the environment variables that connect a process to these servers."""
        return server_env(self.children.keys(), self.ports, self._password)

    async def kill(self, name: str) -> None:
        """Kill the server ``name`` with SIGKILL, like a crash."""
        await self.children[name].kill()

    async def stop(self, name: str) -> None:
        """Stop the server ``name`` gracefully."""
        await self.children[name].stop()

    async def restart(self, name: str) -> None:
        """Restart the server ``name``, whether it runs or not, and wait until it responds."""
        await self.children[name].restart()


def server_env(only: Collection[str], ports: Mapping[str, int], password: str) -> dict[str, str]:
    """Return the environment variables that connect a process to the servers in ``only``."""
    known = {
        "postgres": {"QUIZRUN_DATABASE_URL": postgres.database_url(ports["postgres"], password)},
        "valkey": {"QUIZRUN_REDIS_URL": valkey.redis_url(ports["valkey"], password)},
        "kafka": {"QUIZRUN_KAFKA_BOOTSTRAP": f"{LOOPBACK}:{ports['kafka']}", **kafka.CLIENT_ENV},
        "temporal": {
            "QUIZRUN_TEMPORAL_ADDRESS": f"{LOOPBACK}:{ports['temporal']}",
            "QUIZRUN_TEMPORAL_NAMESPACE": temporal.NAMESPACE,
        },
    }
    return {
        variable: value
        for server in SERVER_NAMES
        if server in only
        for variable, value in known[server].items()
    }


def server_specs(
    data_dir: Path, only: Collection[str], ports: Mapping[str, int], password: str
) -> list[ChildSpec]:
    """Return how to run the servers in ``only``. Blocks for ~1 s if PostgreSQL is new."""
    makers = {
        "postgres": lambda: postgres.postgres_spec(
            data_dir / "postgres", ports["postgres"], password
        ),
        "valkey": lambda: valkey.valkey_spec(data_dir / "valkey", ports["valkey"], password),
        "kafka": lambda: kafka.kafka_spec(ports["kafka"]),
        "temporal": lambda: temporal.temporal_spec(
            data_dir / "temporal", ports["temporal"], ports["temporal-ui"]
        ),
    }
    return [makers[name]() for name in SERVER_NAMES if name in only]


def choose_ports(
    previous: Mapping[str, int] | None = None, ui_port: int | None = None
) -> dict[str, int]:
    """Return a free port for each server, preferably the one in ``previous``. A given ``ui_port``
    is used as is.
    """
    chosen: dict[str, int] = {}
    for name in (*SERVER_NAMES, "temporal-ui"):
        chosen[name] = free_port((previous or {}).get(name), avoid=frozenset(chosen.values()))
    if ui_port is not None:
        chosen["temporal-ui"] = ui_port
    return chosen


@contextlib.asynccontextmanager
async def embedded_servers(
    data_dir: Path | None = None, *, only: Collection[str] = SERVER_NAMES
) -> AsyncIterator[Servers]:
    """Start the servers in ``only`` concurrently, yield them when they respond, and stop them at
    the end.

    Their state is kept in ``data_dir``; without one it is temporary. A server that dies stays down
    until ``restart``. Raises ``StackError`` if one does not start.
    """
    if unknown := set(only) - set(SERVER_NAMES):
        message = f"Unknown server: {', '.join(sorted(unknown))}. Known: {', '.join(SERVER_NAMES)}."
        raise StackError(message)
    async with contextlib.AsyncExitStack() as stack:
        if data_dir is None:
            data_dir = stack.enter_context(_temporary_directory())
        password, ports = secret(data_dir / "server-password"), choose_ports()
        specs = await asyncio.to_thread(server_specs, data_dir, only, ports, password)
        children = {spec.name: Child(spec, data_dir / "logs") for spec in specs}
        for child in children.values():
            stack.push_async_callback(child.stop)
        await start_all(children.values())
        yield Servers(children, ports, password)


@contextlib.contextmanager
def _temporary_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="quizrun-"))
    directory.chmod(0o711)  # PostgreSQL may run as another user and must be able to enter
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
