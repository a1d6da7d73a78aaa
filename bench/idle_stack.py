"""What a stack costs while nothing happens: empty, with open lobbies, and with players in them."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import Any

from bench.generators import generator, says
from bench.idle_load import READY, IdleOrder
from bench.run import SETTINGS, Scenario
from bench.stack import BenchStack
from deploy.errors import StackError
from deploy.local.demo_host import Host

LOBBIES = 1_000
_SETTLE_S = 15.0
"""Until start-up work is over, and Temporal has written what it had buffered."""
_IDLE_S = 60.0
"""Several rounds of whatever runs periodically, but for maintenance (every ten minutes)."""
_OPEN_AT_ONCE = 8
_LONGEST_S = 300.0


async def idle_stack(stack: BenchStack, lobbies: int) -> dict[str, Any]:
    """Measure CPU by process, in percent of a core, and memory in MB."""
    found: dict[str, Any] = {"lobbies": lobbies, "empty": await _idling(stack)}
    async with Host(stack.urls[0]) as host:
        quiz = await host.create_quiz(Scenario(players=1).quiz())
        pins = await _open(host, quiz["id"], lobbies)
    found["open"] = await _idling(stack)
    order = IdleOrder(stack.urls, pins, players=lobbies, returning=0, at_once=50)
    async with generator("bench.idle_load") as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        async with asyncio.timeout(_LONGEST_S):
            if not await says(process, READY):
                raise StackError("The players could not join.")
        found["waiting"] = await _idling(stack)
    return found


async def _open(host: Host, quiz_id: str, lobbies: int) -> list[str]:
    places = asyncio.Semaphore(_OPEN_AT_ONCE)

    async def one() -> str:
        async with places:
            return str((await host.open_run(quiz_id, SETTINGS))["pin"])

    return list(await asyncio.gather(*(one() for _ in range(lobbies))))


async def _idling(stack: BenchStack) -> dict[str, Any]:
    await asyncio.sleep(_SETTLE_S)
    began, before = time.monotonic(), stack.cpu_s()
    await asyncio.sleep(_IDLE_S)
    spent_s, after = time.monotonic() - began, stack.cpu_s()
    percent = {name: 100 * (after[name] - before[name]) / spent_s for name in after}
    rss = stack.rss()
    return {
        "cpu_percent": {name: round(used, 2) for name, used in percent.items()},
        "total_cpu_percent": round(sum(percent.values()), 2),
        "rss_mb": {name: round(used / 1e6) for name, used in rss.items()},
        "total_rss_mb": round(sum(rss.values()) / 1e6),
    }
