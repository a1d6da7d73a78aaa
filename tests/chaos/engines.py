"""The servers of a stack except Kafka: the embedded ones, or the production engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.engines import stack as production
from deploy.local import stack as embedded
from deploy.local.child import ChildSpec

_LOCAL = ("postgres", "valkey", "temporal")


@dataclass(frozen=True, kw_only=True)
class Engines:
    """The servers and how to start them."""

    kind: str
    servers: Sequence[str]
    """Servers that our processes connect to, each behind its proxy."""
    others: Sequence[str]
    """Backends of these servers, which none of our processes connects to."""
    redis: str
    """The server whose keys are flushed."""
    disks: Sequence[str]
    choose_ports: Callable[[], dict[str, int]]
    specs: Callable[[Path, Mapping[str, int], str], list[ChildSpec]]
    """Returns the specs for a data directory, ports and password; blocks."""
    env: Callable[[Mapping[str, int], str], dict[str, str]]
    """Returns the environment variables for the servers at these ports."""


EMBEDDED = Engines(
    kind="embedded",
    servers=_LOCAL,
    others=(),
    redis="valkey",
    disks=("postgres", "valkey"),
    choose_ports=embedded.choose_ports,
    specs=lambda data_dir, ports, password: embedded.server_specs(
        data_dir, _LOCAL, ports, password
    ),
    env=lambda ports, password: embedded.server_env(_LOCAL, ports, password),
)
PRODUCTION = Engines(
    kind="production",
    servers=production.SERVER_NAMES,
    others=(production.TEMPORAL_POSTGRES,),
    redis="redis",
    disks=("postgres", "redis"),
    choose_ports=production.choose_ports,
    specs=production.engine_specs,
    env=production.engine_env,
)
ENGINES = {engines.kind: engines for engines in (EMBEDDED, PRODUCTION)}
