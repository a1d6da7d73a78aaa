"""Carries out a schedule, and remembers from when to when something was out of order."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence

import redis.asyncio

from tests.chaos import procfs
from tests.chaos.network import Direction, Weather
from tests.chaos.schedule import ALL, Cast, Fault
from tests.chaos.stack import OTHERS, RESTART_DELAY_S, Stack
from tests.chaos.wire import now_ms

_DIRECTIONS: dict[str, frozenset[Direction]] = {
    "requests": frozenset(("requests",)),
    "replies": frozenset(("replies",)),
    "both": frozenset(("requests", "replies")),
}


class Injector:
    """Injects faults into `stack`. `log` gets a line for each."""

    def __init__(self, stack: Stack, cast: Cast) -> None:
        self.done: list[tuple[float, float, Fault]] = []
        """What was injected, from when to when (epoch ms)."""
        self.skipped: list[Fault] = []
        self._stack = stack
        self._cast = cast
        self._active: Counter[str] = Counter()

    @property
    def active(self) -> bool:
        """Whether something is out of order by our doing."""
        return self._active.total() > 0

    def gateways_apart(self) -> list[tuple[float, float]]:
        """When some gateway could not tell the others of its players (epoch ms)."""
        return [
            (began, ended)
            for began, ended, fault in self.done
            if {fault.target, fault.client} & {*self._cast.gateways, ALL} and fault.kind != "skew"
        ]

    async def run(self, faults: Sequence[Fault]) -> None:
        """All of a schedule; returns when the last fault is over."""
        async with asyncio.TaskGroup() as tasks:
            began = asyncio.get_running_loop().time()
            for fault in faults:
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
                await asyncio.sleep(RESTART_DELAY_S)
            case "freeze":
                await self._freeze(fault)
            case "cut":
                await self._change_weather(fault, Weather(cut=True))
            case "drop":
                await self._change_weather(fault, Weather(lost=_DIRECTIONS[fault.directions]))
            case "slow":
                await self._change_weather(fault, Weather(latency_s=fault.amount / 1000))
            case "flush":
                await flush(self._stack.direct["QUIZRUN_REDIS_URL"])
            case "fill disk":
                await self._stack.disks[fault.target].fill(fault.duration_s)
            case "skew":
                pass  # since its start

    async def _freeze(self, fault: Fault) -> None:
        child = self._stack.children[fault.target]
        pid = child.pid
        procfs.send(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.duration_s)
        finally:
            if child.running and child.pid == pid:
                procfs.send(pid, signal.SIGCONT)

    async def _change_weather(self, fault: Fault, weather: Weather) -> None:
        proxy = self._stack.proxies[fault.target]
        clients = [*self._cast.ours, OTHERS] if fault.client == ALL else [fault.client]
        proxy.set_weather(clients, weather)
        try:
            await asyncio.sleep(fault.duration_s)
        finally:
            proxy.set_weather(clients, None)


async def flush(redis_url: str) -> None:
    """Forget everything in Redis, if it answers."""
    client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=2)
    try:
        await client.flushall()
    except (OSError, redis.exceptions.RedisError):
        return
    finally:
        await client.aclose()
