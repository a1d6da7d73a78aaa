"""Which Kafka the schedules run against."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka
from deploy.local.child import Child
from deploy.local.ports import LOOPBACK, free_port

KINDS = ("embedded",)

Advertise = Callable[[str, int], int]
"""The port that a broker tells its clients, by the broker's name and the port it listens on."""


@dataclass(frozen=True)
class Brokers:
    """The brokers of a stack, by `kind`."""

    kind: str

    @property
    def names(self) -> list[str]:
        """The brokers, as the schedule calls them."""
        return ["kafka"]

    @property
    def controllers(self) -> list[str]:
        """Processes of the cluster that no client connects to."""
        return []

    @property
    def durable(self) -> bool:
        """Whether what was acknowledged is there after a kill."""
        return False

    @asynccontextmanager
    async def running(
        self, data_dir: Path, log_dir: Path, advertise: Advertise
    ) -> AsyncIterator[list[Child]]:
        """Start them, and kill them at the end."""
        port = free_port()
        spec = kafka.kafka_spec(port)
        command = list(spec.command)
        told = command.index("--advertised-listener-url") + 1
        command[told] = f"tcp://{LOOPBACK}:{advertise('kafka', port)}"
        child = Child(dataclasses.replace(spec, command=command), log_dir)
        try:
            await child.start()
            yield [child]
        finally:
            await child.kill()

    def client_env(self, ports: Sequence[int]) -> dict[str, str]:
        """What our processes are told about them."""
        bootstrap = ",".join(f"{LOOPBACK}:{port}" for port in ports)
        return {"QUIZRUN_KAFKA_BOOTSTRAP": bootstrap, **kafka.CLIENT_ENV}
