"""A production installation's servers on loopback, as one async context manager.

async with production_engines(brokers=3) as engines:
    env = engines.env()                  # for Quizrun's processes
    await engines.kill("postgres")       # SIGKILL, as a crash would
    await engines.restart("postgres")    # same port, same data
    engines.freeze("temporal")           # SIGSTOP: keeps its connections, does not respond
    engines.thaw("temporal")

Apache Kafka, Temporal with its own PostgreSQL, and Debian's PostgreSQL and Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.engines.kafka import KafkaCluster, kafka_cluster
from deploy.engines.postgres import postgres_spec
from deploy.engines.redis import redis_spec
from deploy.engines.redis_cluster import RedisCluster, redis_cluster
from deploy.engines.temporal import port_names, temporal_spec
from deploy.errors import StackError
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.postgres import database_url
from deploy.local.private_file import secret
from deploy.local.temporal import NAMESPACE
from deploy.local.valkey import redis_url

SERVER_NAMES = ("postgres", "redis", "temporal")
"""The servers that Quizrun connects to, besides Kafka's brokers."""
TEMPORAL_POSTGRES = "temporal-postgres"
# Temporal binds its ports seconds after the others, so none of those may use them.
_LATE_PORTS = range(30_000, 32_700)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Running servers. Addresses and data survive `kill` and `restart`."""

    children: Mapping[str, Child]
    ports: Mapping[str, int]
    password: str
    kafka: KafkaCluster
    redis_cluster: RedisCluster | None = None

    def env(self) -> dict[str, str]:
        """The environment variables that connect Quizrun's processes to these servers."""
        env = {**engine_env(self.ports, self.password), **self.kafka.env()}
        return {**env, **self.redis_cluster.env()} if self.redis_cluster else env

    async def kill(self, name: str) -> None:
        """Kill the server `name` with SIGKILL."""
        await self.children[name].kill()

    def freeze(self, name: str) -> None:
        """Suspend the server `name`: it keeps its connections and does not respond."""
        self.children[name].freeze()

    def thaw(self, name: str) -> None:
        """Resume a frozen server."""
        self.children[name].thaw()

    async def restart(self, name: str) -> None:
        """Restart the server `name`, whether it runs or not, and wait until it responds."""
        await self.children[name].restart()


def choose_ports() -> dict[str, int]:
    """Return a free port for every server except Kafka's brokers."""
    first = free_ports(["postgres", "redis", TEMPORAL_POSTGRES])
    return {**first, **free_ports(port_names(), _LATE_PORTS)}


def engine_specs(data_dir: Path, ports: Mapping[str, int], password: str) -> list[ChildSpec]:
    """Return how to run PostgreSQL, Redis, and Temporal with its own PostgreSQL.

    Blocks while programs are installed or built the first time. Raises `StackError`.
    """
    databases = [
        postgres_spec(name, data_dir / name, ports[name], password)
        for name in ("postgres", TEMPORAL_POSTGRES)
    ]
    return [
        *databases,
        redis_spec(data_dir / "redis", ports["redis"], password),
        temporal_spec(data_dir / "temporal", ports, ports[TEMPORAL_POSTGRES], password),
    ]


def engine_env(ports: Mapping[str, int], password: str) -> dict[str, str]:
    """Return the environment variables for PostgreSQL, Redis and Temporal at `ports`."""
    return {
        "QUIZRUN_DATABASE_URL": database_url(ports["postgres"], password),
        "QUIZRUN_REDIS_URL": redis_url(ports["redis"], password),
        "QUIZRUN_TEMPORAL_ADDRESS": f"{LOOPBACK}:{ports['temporal']}",
        "QUIZRUN_TEMPORAL_NAMESPACE": NAMESPACE,
    }


@contextlib.asynccontextmanager
async def production_engines(
    *, brokers: int = 1, cluster: bool = False, kafka_settings: Mapping[str, str] | None = None
) -> AsyncIterator[Engines]:
    """Start everything with temporary state, yield it when it responds, and stop it at the end.

    `brokers` and `kafka_settings` apply to Kafka; with `cluster`, a Redis Cluster replaces the
    single Redis in the environment. A server that dies stays down until `restart`. Raises
    `StackError`.
    """
    async with contextlib.AsyncExitStack() as stack:
        data_dir = stack.enter_context(_temporary_directory())
        password, ports = secret(data_dir / "server-password"), choose_ports()
        specs = await asyncio.to_thread(engine_specs, data_dir, ports, password)
        if cluster:
            specs = [spec for spec in specs if spec.name != "redis"]
        children = [Child(spec, data_dir / "logs") for spec in specs]
        for child in children:
            stack.push_async_callback(child.stop)
        kafka = kafka_cluster(data_dir / "kafka", brokers=brokers, settings=kafka_settings)
        nodes = redis_cluster(data_dir / "redis-cluster", password) if cluster else None
        try:
            async with asyncio.TaskGroup() as starting:
                starting.create_task(start_all(children))
                kafka_task = starting.create_task(stack.enter_async_context(kafka))
                nodes_task = nodes and starting.create_task(stack.enter_async_context(nodes))
        except ExceptionGroup as group:  # except* would wrap the error in a group again
            raise next(
                (error for error in group.exceptions if isinstance(error, StackError)), group
            ) from None
        running = nodes_task.result() if nodes_task else None
        everyone: Sequence[Child] = [
            *children,
            *kafka_task.result().processes,
            *(running.nodes if running else []),
        ]
        yield Engines(
            children={child.spec.name: child for child in everyone},
            ports=ports,
            password=password,
            kafka=kafka_task.result(),
            redis_cluster=running,
        )


@contextlib.contextmanager
def _temporary_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="quizrun-engines-"))
    directory.chmod(0o711)  # PostgreSQL may run as another user and must be able to enter
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
