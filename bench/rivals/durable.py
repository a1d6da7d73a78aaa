"""Measure our whole stack under the same load: each answer is stored before it is acknowledged."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from bench.generators import generator, says, send_order
from bench.rivals.run_load import JOINED, Order
from bench.stack import bench_stack
from deploy.errors import StackError
from deploy.local.demo_host import Host

BURSTS = 10
WARM_UP = 2
_SETTINGS = {"countdown_s": 0, "reveal_s": 1}
_SETTLE_S = 2.5
_LONGEST_S = 600.0


async def sample(players: int, *, gateways: int = 1, bursts: int = BURSTS) -> dict[str, Any]:
    """Run a stack in which all players answer simultaneously, `bursts` times.

    ``cpu_us`` is the CPU of all gateways per answer. Raises `StackError` if stored and acknowledged
    answers differ.
    """
    async with bench_stack(gateways, 1) as stack, Host(stack.urls[0]) as host:
        run = await _open(host, bursts + WARM_UP)
        order = Order(
            ports=[urlsplit(url).port or 80 for url in stack.urls],
            pin=run["pin"],
            players=players,
            questions=bursts + WARM_UP,
            warm_up=WARM_UP,
            gateways=stack.gateway_pids(),
            postgres=stack.pid("postgres"),
        )
        rss = stack.gateway_rss()
        async with generator("bench.rivals.run_load") as process, asyncio.timeout(_LONGEST_S):
            send_order(process, order)
            if not await says(process, JOINED):
                raise StackError("The load generator failed while its players joined.")
            await asyncio.sleep(_SETTLE_S)
            rss_joined = stack.gateway_rss()
            await host.command(run["run_id"], "start")
            output, _ = await process.communicate()
        if process.returncode:
            raise StackError("The load generator failed.")
        found: dict[str, Any] = json.loads(output)
        results = await host.results(run["run_id"])
        _check(found.pop("acknowledged"), results["players"], players)
    return {"rss_kb_per_socket": (rss_joined - rss) / 1000 / players, **found}


async def _open(host: Host, questions: int) -> dict[str, Any]:
    question = {
        "type": "single",
        "text": "Which of these rivers flows into the Black Sea, and which ones do not?",
        "options": ["The Rhine", "The Rhône", "The Danube", "The Elbe"],
        "correct": [2],
        "time_limit_s": 20,
    }
    quiz = await host.create_quiz({"title": "At once", "questions": [question] * questions})
    return await host.open_run(quiz["id"], _SETTINGS)


def _check(
    acknowledged: dict[str, dict[str, int]], stored: list[dict[str, Any]], players: int
) -> None:
    found = {
        player["player_id"]: {str(one["question"]): one["elapsed_ms"] for one in player["answers"]}
        for player in stored
    }
    if len(found) != players or found != acknowledged:
        raise StackError("Stored and acknowledged answers differ.")
