"""Apache Kafka in KRaft mode on loopback: one broker, or one controller and several brokers.

async with kafka_cluster(brokers=3) as cluster:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap)
    await cluster.brokers[0].kill()      # SIGKILL, as a crash would
    await cluster.brokers[0].start()     # same port, same data
    cluster.brokers[1].freeze()          # SIGSTOP: keeps its connections, does not respond
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.engines.jars import fetch_jars
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.kafka import check_bootstrap
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe
from deploy.programs import run

POM = Path(__file__).with_name("kafka-pom.xml")
HEAP_MB = 448
START_TIMEOUT_S = 150.0
FORMAT_TIMEOUT_S = 60.0
CONTROLLER_ID = 100
REPLICAS = 3
MIN_IN_SYNC = 2

_JVM = (
    f"-Xmx{HEAP_MB}m",
    # Halves the startup time and leaves the CPU to the processes under test.
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j2.level=WARN",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaCluster:
    """A running cluster. Addresses and data survive restarts of brokers."""

    brokers: Sequence[Child]
    controller: Child | None
    """None if the only broker is also the controller."""
    bootstrap: str

    @property
    def processes(self) -> list[Child]:
        """The controller, if it is a separate process, and the brokers."""
        return [*([self.controller] if self.controller else []), *self.brokers]

    def env(self) -> dict[str, str]:
        """The environment variables that connect Quizrun's processes to this cluster."""
        return {"QUIZRUN_KAFKA_BOOTSTRAP": self.bootstrap}


@contextlib.asynccontextmanager
async def kafka_cluster(
    data_dir: Path | None = None,
    *,
    brokers: int = 1,
    settings: Mapping[str, str] | None = None,
    advertise: Callable[[str, int], int] | None = None,
) -> AsyncIterator[KafkaCluster]:
    """Start Apache Kafka, yield it when every broker responds, and stop it at the end.

    A single broker is its own controller. Several have a separate controller, and topics with three
    replicas of which two must be in sync. `settings` are added to every node's properties.
    `advertise(name, port)` returns the port that a broker advertises instead of its own, such as a
    proxy's. Without `data_dir`, the state is temporary. Raises `StackError`.
    """
    async with contextlib.AsyncExitStack() as stack:
        if data_dir is None:
            made = tempfile.TemporaryDirectory(prefix="quizrun-kafka-", ignore_cleanup_errors=True)
            data_dir = Path(stack.enter_context(made))
        jars = await asyncio.to_thread(fetch_jars, POM)
        nodes = _nodes(data_dir, brokers)
        if advertise is not None:
            nodes = [node.advertised_by(advertise) for node in nodes]
        shared = {**_shared_properties(nodes), **(settings or {})}
        cluster_id = _random_id()
        await asyncio.gather(*(node.format(jars, shared, cluster_id) for node in nodes))
        children = [Child(node.spec(jars), data_dir / "logs") for node in nodes]
        for child in children:
            stack.push_async_callback(child.stop)
        await start_all(children)
        yield KafkaCluster(
            brokers=[c for c, node in zip(children, nodes, strict=True) if node.client_port],
            controller=children[0] if brokers > 1 else None,
            bootstrap=",".join(f"{LOOPBACK}:{n.client_port}" for n in nodes if n.client_port),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A process of a cluster, in one role or both."""

    id: int
    name: str
    directory: Path
    client_port: int | None = None
    controller_port: int | None = None
    advertised_port: int | None = None
    """The port advertised to clients instead of `client_port`."""

    def advertised_by(self, advertise: Callable[[str, int], int]) -> _Node:
        """Return the same node with another advertised port."""
        if self.client_port is None:
            return self
        return replace(self, advertised_port=advertise(self.name, self.client_port))

    async def format(self, jars: Path, shared: Mapping[str, str], cluster_id: str) -> None:
        """Write the node's properties and format its log directory as a member of the cluster."""
        await asyncio.to_thread(self._format, jars, shared, cluster_id)

    def spec(self, jars: Path) -> ChildSpec:
        ports = [port for port in (self.client_port, self.controller_port) if port]
        url = f"tcp://{LOOPBACK}:{ports[0]}"

        async def check() -> None:
            if self.client_port:
                await check_bootstrap(f"{LOOPBACK}:{self.client_port}")
            else:
                await probe(url)

        return ChildSpec(
            name=self.name,
            command=_java(jars, "kafka.Kafka", str(self._properties)),
            check=check,
            ports=[Port(port) for port in ports],
            cwd=self.directory,
            start_timeout_s=START_TIMEOUT_S,
            health_url=url,
        )

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _format(self, jars: Path, shared: Mapping[str, str], cluster_id: str) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        lines = [f"{name}={value}\n" for name, value in {**shared, **self._own()}.items()]
        self._properties.write_text("".join(lines))
        run(
            [
                *_java(jars, "kafka.tools.StorageTool", "format"),
                f"--cluster-id={cluster_id}",  # it may begin with a dash
                *("-c", str(self._properties)),
            ],
            timeout_s=FORMAT_TIMEOUT_S,
            name=f"kafka-storage format ({self.name})",
        )

    def _own(self) -> dict[str, str]:
        listeners = {"CLIENT": self.client_port, "CONTROLLER": self.controller_port}
        used = {name: port for name, port in listeners.items() if port}
        roles = {"CLIENT": "broker", "CONTROLLER": "controller"}
        advertised = self.advertised_port
        return {
            **({"advertised.listeners": f"CLIENT://{LOOPBACK}:{advertised}"} if advertised else {}),
            "node.id": str(self.id),
            "process.roles": ",".join(roles[name] for name in used),
            "listeners": ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in used.items()),
            "log.dirs": str(self.directory / "data"),
        }


def _nodes(data_dir: Path, brokers: int) -> list[_Node]:
    """Return the cluster's nodes on free ports, controller first."""
    taken: set[int] = set()

    def port() -> int:
        taken.add(number := free_port(avoid=frozenset(taken)))
        return number

    if brokers == 1:
        where = data_dir / "kafka"
        both = {"client_port": port(), "controller_port": port()}
        return [_Node(id=1, name="kafka", directory=where, **both)]
    controller = _Node(
        id=CONTROLLER_ID,
        name="kafka-controller",
        directory=data_dir / "kafka-controller",
        controller_port=port(),
    )
    names = [f"kafka-{number}" for number in range(1, brokers + 1)]
    return [
        controller,
        *(
            _Node(id=number, name=name, directory=data_dir / name, client_port=port())
            for number, name in enumerate(names, start=1)
        ),
    ]


def _shared_properties(nodes: Sequence[_Node]) -> dict[str, str]:
    brokers = sum(1 for node in nodes if node.client_port)
    replicas = str(min(REPLICAS, brokers))
    in_sync = str(min(MIN_IN_SYNC, brokers))
    voters = [f"{n.id}@{LOOPBACK}:{n.controller_port}" for n in nodes if n.controller_port]
    return {
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENT",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "group.initial.rebalance.delay.ms": "0",
        "num.network.threads": "2",
        "num.io.threads": "4",
    }


def _java(jars: Path, program: str, *arguments: str) -> list[str]:
    return ["java", *_JVM, "-cp", f"{jars}/*", program, *arguments]


def _random_id() -> str:
    """Return a cluster id as Kafka encodes it: 128 random bits in URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
