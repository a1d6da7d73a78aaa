"""The faults of a seed: kind, target, time and duration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal["kill", "freeze", "cut", "drop", "slow", "flush", "fill disk", "skew"]

WEIGHTS: dict[Kind, int] = {
    "kill": 5,
    "freeze": 5,
    "cut": 3,
    "drop": 4,
    "slow": 3,
    "flush": 1,
    "fill disk": 1,
}
ALL = "*"
FIRST_AFTER_S = 3.0
MEAN_GAP_S = 3.0
FREEZE_S = (0.5, 20.0)
DROP_S = (0.5, 12.0)
CUT_S = (0.0, 4.0)
SLOW_S = (2.0, 12.0)
FILL_S = (1.0, 5.0)
MAX_SKEW_MS = 200


@dataclass(frozen=True)
class Topology:
    """Possible targets: our own processes, the servers they connect to, other processes of those
    servers, the servers whose disks can be filled, and the one whose keys can be flushed.
    """

    gateways: Sequence[str]
    workers: Sequence[str]
    servers: Sequence[str]
    others: Sequence[str]
    disks: Sequence[str]
    redis: str = "valkey"

    @property
    def ours(self) -> list[str]:
        """The processes that have links to all servers."""
        return [*self.gateways, *self.workers]

    @property
    def processes(self) -> list[str]:
        """The processes that can be killed or frozen."""
        return [*self.ours, *self.servers, *self.others]


@dataclass(frozen=True)
class Fault:
    """One fault, `at_s` seconds after the start. `target` is a process; for the fault of a link it
    is the server, and `client` the process at the other end (`*` for all).
    """

    at_s: float
    kind: Kind
    target: str
    duration_s: float = 0.0
    client: str = ""
    amount: int = 0
    """Latency or clock skew in milliseconds."""
    directions: str = ""
    """The direction that a `drop` holds back: `requests`, `replies` or `both`."""

    def __str__(self) -> str:
        where = f"{self.client} → {self.target}" if self.client else self.target
        more = [self.directions, f"{self.amount:+d} ms" if self.amount else ""]
        lasts = f"{self.duration_s:.1f} s" if self.duration_s else ""
        return " ".join(part for part in (self.kind, where, *more, lasts) if part)


def draw(seed: int, seconds: float, topology: Topology) -> list[Fault]:
    """The schedule of `seed` in order of time; all faults end within `seconds`."""
    rng = Random(f"schedule {seed}")
    skewed = rng.choice(topology.gateways)
    faults = [Fault(0.0, "skew", skewed, amount=rng.choice((-1, 1)) * rng.randint(50, MAX_SKEW_MS))]
    busy: dict[str, float] = {}
    at_s = FIRST_AFTER_S
    while at_s < seconds - 1:
        fault = _draw_fault(rng, at_s, seconds - at_s, topology)
        victim = f"{fault.client} {fault.target}"
        if busy.get(victim, 0.0) <= at_s:
            faults.append(fault)
            busy[victim] = at_s + fault.duration_s + 1.5  # a killed process has restarted by then
        at_s += min(3 * MEAN_GAP_S, max(0.3, rng.expovariate(1 / MEAN_GAP_S)))
    return faults


def _draw_fault(rng: Random, at_s: float, left_s: float, topology: Topology) -> Fault:
    kind = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    process = rng.choice(topology.processes)
    server = rng.choice(topology.servers)
    client = rng.choice([*topology.ours, *topology.ours, ALL])
    match kind:
        case "kill":
            return Fault(at_s, kind, process)
        case "freeze":
            return Fault(at_s, kind, process, _lasts(rng, FREEZE_S, left_s))
        case "cut":
            return Fault(at_s, kind, server, _lasts(rng, CUT_S, left_s), client)
        case "drop":
            lost = rng.choice(("requests", "replies", "both"))
            lasts_s = _lasts(rng, DROP_S, left_s)
            return Fault(at_s, kind, server, lasts_s, client, directions=lost)
        case "slow":
            lasts_s = _lasts(rng, SLOW_S, left_s)
            return Fault(at_s, kind, server, lasts_s, client, rng.randint(20, 400))
        case "flush":
            return Fault(at_s, kind, topology.redis)
        case _:
            return Fault(at_s, kind, rng.choice(topology.disks), _lasts(rng, FILL_S, left_s))


def _lasts(rng: Random, bounds: tuple[float, float], left_s: float) -> float:
    """A log-uniform duration, so that short and long ones are equally likely."""
    low, high = max(bounds[0], 0.1), bounds[1]
    drawn = math.exp(rng.uniform(math.log(low), math.log(high)))
    return round(min(drawn, left_s), 1)
