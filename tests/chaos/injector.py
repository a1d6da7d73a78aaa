"""Carries out a schedule and records when each fault was active."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence

import redis.asyncio

from tests.chaos import procfs
from tests.chaos.network import Direction, Impairment
from tests.chaos.schedule import ALL, Fault, Topology
from tests.chaos.stack import OTHERS, RESTART_DELAY_S, Stack
from tests.chaos.wire import now_ms

_DIRECTIONS: dict[str, frozenset[Direction]] = {
    "requests": frozenset(("requests",)),
    "replies": frozenset(("replies",)),
    "both": frozenset(("requests", "replies")),
}


class Injector:
    """Injects the faults of a schedule into `stack`."""

    def __init__(self, stack: Stack, topology: Topology) -> None:
        self.done: list[tuple[float, float, Fault]] = []
        """Each injected fault with its start and end (epoch ms)."""
        self.skipped: list[Fault] = []
        self._stack = stack
        self._topology = topology
        self._active: Counter[str] = Counter()

    @property
    def active(self) -> bool:
        """Whether a fault is active."""
        return self._active.total() > 0

    def gateways_apart(self) -> list[tuple[float, float]]:
        """Periods when a gateway may have been unable to announce its players (epoch ms)."""
        return [
            (began, ended)
            for began, ended, fault in self.done
            if {fault.target, fault.client} & {*self._topology.gateways, ALL}
            and fault.kind != "skew"
        ]

    async def run(self, faults: Sequence[Fault]) -> None:
        """Inject all faults; return when the last one is over."""
        async with asyncio.TaskGroup() as tasks:
            began = asyncio.get_running_loop().time()
            for fault in faults:
                # time: the schedule says when
                await asyncio.sleep(began + fault.at_s - asyncio.get_running_loop().time())
                tasks.create_task(self._inject(fault))

    async def _inject(self, fault: Fault) -> None:
        began = now_ms()
        if fault.kind == "fill disk" and not self._stack.disks[fault.target].mounted:
            self.skipped.append(fault)
            return
        self._active[str(fault)] += 1
        try:
            await self._carry_out(fault)
        finally:
            self._active[str(fault)] -= 1
            self.done.append((began, now_ms(), fault))

    async def _carry_out(self, fault: Fault) -> None:
        match fault.kind:
            case "kill":
                await self._stack.kill(fault.target)
                # time: as a supervisor takes it
                await asyncio.sleep(RESTART_DELAY_S)
            case "freeze":
                await self._freeze(fault)
            case "cut":
                await self._impair(fault, Impairment(cut=True))
            case "drop":
                await self._impair(fault, Impairment(lost=_DIRECTIONS[fault.directions]))
            case "slow":
                await self._impair(fault, Impairment(latency_s=fault.amount / 1000))
            case "flush":
                await flush(self._stack.direct["QUIZRUN_REDIS_URL"])
            case "fill disk":
                await self._stack.disks[fault.target].fill(fault.duration_s)
            case "skew":
                pass  # applied when the gateway was started

    async def _freeze(self, fault: Fault) -> None:
        child = self._stack.children[fault.target]
        pid = child.pid
        procfs.send(pid, signal.SIGSTOP)
        try:
            # time: the schedule says how long
            await asyncio.sleep(fault.duration_s)
        finally:
            if child.running and child.pid == pid:
                procfs.send(pid, signal.SIGCONT)

    async def _impair(self, fault: Fault, impairment: Impairment) -> None:
        proxy = self._stack.proxies[fault.target]
        clients = [*self._topology.ours, OTHERS] if fault.client == ALL else [fault.client]
        proxy.impair(clients, impairment)
        try:
            # time: the schedule says how long
            await asyncio.sleep(fault.duration_s)
        finally:
            proxy.impair(clients, None)


async def flush(redis_url: str) -> None:
    """Delete all keys in Redis, if it responds."""
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=2)
    try:
        await client.flushall()
    except (OSError, redis.exceptions.RedisError):
        return
    finally:
        await client.aclose()
