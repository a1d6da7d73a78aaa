"""Idle players in a lobby, and a storm of reconnections."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import Any

from bench.figures import summary
from bench.generators import generator, says
from bench.idle_load import READY, IdleOrder
from bench.run import SETTINGS, Scenario
from bench.sampling import sampling
from bench.stack import BenchStack
from deploy.errors import StackError
from deploy.local.demo_host import Host

PLAYERS = 10_000
RETURNING = 5_000
_SETTLE_S = 5.0
_IDLE_S = 30.0
"""Longer than the ping interval, so that each player is pinged."""
_LONGEST_S = 300.0


async def idle_and_storm(stack: BenchStack, players: int, returning: int) -> dict[str, Any]:
    """Measure the cost of idle players and the time to reconnect."""
    async with Host(stack.urls[0]) as host, sampling(stack.cpu_s) as samples:
        quiz = await host.create_quiz(Scenario(players=players).quiz())
        run = await host.open_run(quiz["id"], SETTINGS)
        order = IdleOrder(stack.urls, [run["pin"]], players, returning, at_once=500)
        rss = stack.gateway_rss()
        async with generator("bench.idle_load") as process, asyncio.timeout(_LONGEST_S):
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            if not await says(process, READY):
                raise StackError("The players could not join.")
            await asyncio.sleep(_SETTLE_S)
            idle_from = time.time()
            await asyncio.sleep(_IDLE_S)
            idle_until = time.time()
            waiting = stack.gateway_rss() - rss
            output, _ = await process.communicate(b"storm\n")
            storm = json.loads(output or b"null")
            stormed_at = time.time()
        if storm is None:
            raise StackError("The players could not reconnect.")
        await host.command(run["run_id"], "end")
    started_at = stormed_at - storm["total_s"]
    return {
        "players": players,
        "gateway_kb_per_player": round(waiting / 1000 / players, 2),
        "idle_gateway_cores": round(
            samples.used("gateway", idle_from, idle_until) / (idle_until - idle_from), 4
        ),
        "returning": returning,
        "back": summary([1000 * one for one in storm["latencies_s"]]),
        "all_back_s": round(storm["total_s"], 2),
        "storm_cpu_s": {
            name: round(samples.used(name, started_at, stormed_at), 2)
            for name in ("gateway", "postgres")
        },
    }
