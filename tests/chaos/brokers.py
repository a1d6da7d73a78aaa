"""The Kafka brokers of a stack."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.engines.kafka import kafka_cluster
from deploy.local import kafka
from deploy.local.child import Child
from deploy.local.ports import LOOPBACK, free_port

KINDS = ("embedded", "one", "three")
APACHE = KINDS[1:]
MIXED = "mixed"
"""Seeds use these in turn."""
# A broker that is gone is noticed within seconds, as its supervisor restarts it within one.
_QUICK = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}

Advertise = Callable[[str, int], int]
"""The port that a broker advertises, by its name and the port it listens on."""


def kind_of(wanted: str, seed: int, kinds: Sequence[str] = KINDS) -> str:
    """The kind that a seed runs against, always the same."""
    return kinds[seed % len(kinds)] if wanted == MIXED else wanted


@dataclass(frozen=True)
class Brokers:
    """The brokers of a stack, by `kind`: the embedded one, which loses everything when it is
    killed; one of Apache Kafka; or three with a controller, of which two must have each message.
    """

    kind: str

    @property
    def names(self) -> list[str]:
        """The brokers' names in the schedule."""
        return ["kafka-1", "kafka-2", "kafka-3"] if self.kind == "three" else ["kafka"]

    @property
    def controllers(self) -> list[str]:
        """Processes of the cluster that no client connects to."""
        return ["kafka-controller"] if self.kind == "three" else []

    @property
    def durable(self) -> bool:
        """Whether acknowledged messages survive a kill."""
        return self.kind != "embedded"

    @asynccontextmanager
    async def running(
        self, data_dir: Path, log_dir: Path, advertise: Advertise
    ) -> AsyncIterator[list[Child]]:
        """Start them, and kill them at the end."""
        if not self.durable:
            async with _embedded(log_dir, advertise) as child:
                yield [child]
            return
        number = len(self.names)
        try:
            async with kafka_cluster(
                data_dir, brokers=number, settings=_QUICK, advertise=advertise
            ) as cluster:
                yield cluster.processes
        finally:
            shutil.copytree(data_dir / "logs", log_dir, dirs_exist_ok=True)

    def client_env(self, ports: Sequence[int]) -> dict[str, str]:
        """The environment of their clients; `ports` are the proxies'."""
        bootstrap = ",".join(f"{LOOPBACK}:{port}" for port in ports)
        env = {"QUIZRUN_KAFKA_BOOTSTRAP": bootstrap}
        return env if self.durable else {**env, **kafka.CLIENT_ENV}


@asynccontextmanager
async def _embedded(log_dir: Path, advertise: Advertise) -> AsyncIterator[Child]:
    port = free_port()
    spec = kafka.kafka_spec(port)
    command = list(spec.command)
    told = command.index("--advertised-listener-url") + 1
    command[told] = f"tcp://{LOOPBACK}:{advertise('kafka', port)}"
    child = Child(dataclasses.replace(spec, command=command), log_dir)
    try:
        await child.start()
        yield child
    finally:
        await child.kill()
