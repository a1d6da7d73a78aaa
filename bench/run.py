"""One measured run: open it, let the generators play it, and take the figures."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.checks import check
from bench.figures import figures
from bench.load import JOINED, Order
from bench.stack import BenchStack
from deploy.local.bots_host import Host
from deploy.local.errors import StackError

OPTIONS = ["one", "two", "three", "four"]
RIGHT = 2
SETTINGS = {"countdown_s": 1, "reveal_s": 2}
_SETTLE_S = 2.5
"""So that the workflow has heard of all players (at most one report a second) before the start."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is measured. Answers come evenly over `spread_s` after a question opens."""

    players: int
    questions: int = 5
    time_limit_s: int = 5
    spread_s: float = 3.0
    at_once: int = 50
    generators: int = 1

    def quiz(self) -> dict[str, Any]:
        question = {
            "type": "single",
            "text": "Which of these is it, now that the time runs?",
            "options": OPTIONS,
            "correct": [RIGHT],
            "time_limit_s": self.time_limit_s,
        }
        title = f"Bench with {self.players} players"
        return {"title": title, "questions": [question] * self.questions}

    def orders(self, urls: list[str], pin: str, directory: Path) -> list[Order]:
        """The share of each generator."""
        share, rest = divmod(self.players, self.generators)
        orders, first = [], 0
        for number in range(self.generators):
            players = share + (number < rest)
            orders.append(
                Order(
                    urls=urls,
                    pin=pin,
                    first=first,
                    players=players,
                    questions=self.questions,
                    options=len(OPTIONS),
                    right=RIGHT,
                    spread_s=self.spread_s,
                    at_once=max(1, self.at_once // self.generators),
                    seed=7,
                    longest_s=60 + self.questions * (self.time_limit_s + 10.0),
                    result=str(directory / f"load-{number}.json"),
                )
            )
            first += players
        return orders


async def measure(stack: BenchStack, scenario: Scenario, directory: Path) -> dict[str, Any]:
    """The figures of one run, and under ``problems`` what went wrong in it."""
    async with Host(stack.urls[0]) as host:
        quiz = await host.create_quiz(scenario.quiz())
        run = await host.open_run(quiz["id"], SETTINGS)
        orders = scenario.orders(stack.urls, run["pin"], directory)
        rss, cpu = stack.gateway_rss(), stack.cpu_s()
        generators = [await _start(order) for order in orders]
        try:
            await asyncio.gather(*(_joined(generator) for generator in generators))
            await asyncio.sleep(_SETTLE_S)
            rss_joined, cpu_joined = stack.gateway_rss(), stack.cpu_s()
            await host.command(run["run_id"], "start")
            codes = await asyncio.gather(*(generator.wait() for generator in generators))
        finally:
            for generator in generators:
                if generator.returncode is None:
                    generator.kill()
                    await generator.wait()
        if any(codes):
            raise StackError("A load generator failed.")
        rss_end, cpu_end = stack.gateway_rss(), stack.cpu_s()
        loads = [_load(order) for order in orders]
        measured = figures(loads, scenario.players)
        problems = check(
            loads,
            scenario.quiz(),
            RIGHT,
            await host.leaderboard(run["run_id"]),
            await host.results(run["run_id"]),
        )
    return {
        "players": scenario.players,
        "scenario": asdict(scenario),
        **measured,
        "cpu_s": {
            "joining": _spent(cpu, cpu_joined),
            "playing": _spent(cpu_joined, cpu_end),
            "generators": round(sum(load["cpu_s"] for load in loads), 2),
        },
        "gateway_rss_mb": [round(bytes_ / 1e6, 1) for bytes_ in (rss, rss_joined, rss_end)],
        "gateway_kb_per_player": round((rss_joined - rss) / 1000 / scenario.players, 1),
        "problems": problems,
    }


def _spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 2) for name in after}


async def _start(order: Order) -> asyncio.subprocess.Process:
    generator = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert generator.stdin is not None
    generator.stdin.write(json.dumps(asdict(order)).encode())
    generator.stdin.close()
    return generator


async def _joined(generator: asyncio.subprocess.Process) -> None:
    assert generator.stdout is not None
    line = (await generator.stdout.readline()).decode().strip()
    if line != JOINED:
        raise StackError("A load generator failed while its players joined.")


def _load(order: Order) -> dict[str, Any]:
    """What a generator has written."""
    document: dict[str, Any] = json.loads(Path(order.result).read_text())
    return document
