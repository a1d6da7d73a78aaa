"""Which Kafka the schedules run against."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka
from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK

KINDS = ("embedded", "one", "three")


@dataclass(frozen=True)
class Brokers:
    """The embedded broker, whose log is gone when it is killed, or one or three of Apache Kafka."""

    kind: str

    @property
    def names(self) -> list[str]:
        """The brokers, as the schedule calls them."""
        return ["kafka"] if self.kind != "three" else ["kafka-1", "kafka-2", "kafka-3"]

    @property
    def durable(self) -> bool:
        """Whether what was acknowledged is there after a kill."""
        return self.kind != "embedded"

    def specs(self, data_dir: Path, ports: Mapping[str, tuple[int, int]]) -> list[ChildSpec]:
        """How to run them; `ports` has where each listens, and what it tells clients."""
        if self.kind != "embedded":
            raise NotImplementedError(self.kind)
        ((listening, advertised),) = ports.values()
        spec = kafka.kafka_spec(listening)
        told = f"tcp://{LOOPBACK}:{listening}"
        command = list(spec.command)
        command[command.index("--advertised-listener-url") + 1] = told.replace(
            str(listening), str(advertised)
        )
        return [dataclasses.replace(spec, command=command)]

    def client_env(self, ports: Sequence[int]) -> dict[str, str]:
        """What our processes are told about them."""
        bootstrap = ",".join(f"{LOOPBACK}:{port}" for port in ports)
        env = {"QUIZRUN_KAFKA_BOOTSTRAP": bootstrap}
        return env if self.durable else {**env, **kafka.CLIENT_ENV}
