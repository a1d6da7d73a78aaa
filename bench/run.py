"""Run scenarios: open the runs, let the generators play them, and compute the figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.checks import check
from bench.figures import Room, figures, late_questions, rooms_of, summary
from bench.generators import generating
from bench.load import Order, RoomOrder
from bench.sampling import Samples, sampling
from bench.stack import BenchStack
from deploy.local.demo_host import Host

OPTIONS = ["one", "two", "three", "four"]
RIGHT = 2
SETTINGS = {"countdown_s": 1, "reveal_s": 2}
_SETTLE_S = 2.5
"""Lets the workflow learn of all players (at most one report a second) before the start."""
_STARTS_AT_ONCE = 20
_ACKS_LATE_S = 0.3
"""The cost of answers is counted until this long after the last was sent."""
_QUIET_S = 1.0
"""At least the last second of a question counts as without answers (`_cost_of_answers`)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`runs` concurrent runs with `players` each. Answers are spread evenly over `spread_s` after a
    question opens.
    """

    players: int
    runs: int = 1
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

    def orders(self, urls: list[str], pins: Sequence[str], directory: Path) -> list[Order]:
        """Return each generator's share of the players or runs."""
        return [
            Order(
                urls=urls,
                rooms=rooms,
                questions=self.questions,
                options=len(OPTIONS),
                right=RIGHT,
                spread_s=self.spread_s,
                at_once=max(1, self.at_once // self.generators),
                seed=7,
                longest_s=60 + self.questions * (self.time_limit_s + 10.0),
                result=str(directory / f"load-{number}.json"),
            )
            for number, rooms in enumerate(self._shares(pins))
        ]

    def _shares(self, pins: Sequence[str]) -> list[list[RoomOrder]]:
        if len(pins) > 1:
            whole = [RoomOrder(pin, 0, self.players) for pin in pins]
            return [whole[number :: self.generators] for number in range(self.generators)]
        share, rest = divmod(self.players, self.generators)
        sizes = [share + (number < rest) for number in range(self.generators)]
        firsts = [sum(sizes[:number]) for number in range(self.generators)]
        return [
            [RoomOrder(pins[0], first, size)] for first, size in zip(firsts, sizes, strict=True)
        ]


async def measure(stack: BenchStack, scenario: Scenario, directory: Path) -> dict[str, Any]:
    """Return the figures of the runs, and their ``problems``."""
    async with Host(stack.urls[0]) as host, sampling(stack.cpu_s) as samples:
        quiz = await host.create_quiz(scenario.quiz())
        runs = [await host.open_run(quiz["id"], SETTINGS) for _ in range(scenario.runs)]
        orders = scenario.orders(stack.urls, [run["pin"] for run in runs], directory)
        rss, cpu = stack.gateway_rss(), stack.cpu_s()
        async with generating(orders) as generators:
            await generators.joined()
            await asyncio.sleep(_SETTLE_S)
            rss_joined, cpu_joined = stack.gateway_rss(), stack.cpu_s()
            starts_s = await _start_all(host, [run["run_id"] for run in runs])
            loads = await generators.loads()
        rss_end, cpu_end = stack.gateway_rss(), stack.cpu_s()
        rooms = rooms_of(loads)
        measured = figures(rooms, scenario.players, [load["lags_s"] for load in loads])
        problems: list[str] = []
        for run in runs:
            problems += check(
                rooms[run["pin"]].records,
                scenario.quiz(),
                RIGHT,
                await host.leaderboard(run["run_id"]),
                await host.results(run["run_id"]),
            )
    everyone = scenario.players * scenario.runs
    if scenario.runs > 1:
        measured["schedule"] = late_questions(rooms, SETTINGS["reveal_s"] * 1000)
    return {
        "players": scenario.players,
        "runs": scenario.runs,
        "scenario": asdict(scenario),
        **measured,
        "start": summary([took_s * 1000 for took_s in starts_s]),
        "cpu_s": {
            "joining": _spent(cpu, cpu_joined),
            "playing": _spent(cpu_joined, cpu_end),
            "generators": round(sum(load["cpu_s"] for load in loads), 2),
        },
        "cpu_ms_per_answer": _cost_of_answers(samples, list(rooms.values()), scenario.spread_s),
        "gateway_rss_mb": [round(bytes_ / 1e6, 1) for bytes_ in (rss, rss_joined, rss_end)],
        "gateway_kb_per_player": round((rss_joined - rss) / 1000 / everyone, 1),
        "problems": problems,
    }


async def _start_all(host: Host, run_ids: Sequence[str]) -> list[float]:
    """Start the runs; return how long the host waited for each, in seconds."""
    places = asyncio.Semaphore(_STARTS_AT_ONCE)

    async def start(run_id: str) -> float:
        async with places:
            began = time.perf_counter()
            await host.command(run_id, "start")
            return time.perf_counter() - began

    return await asyncio.gather(*(start(run_id) for run_id in run_ids))


def _cost_of_answers(
    samples: Samples, rooms: Sequence[Room], spread_s: float
) -> dict[str, float] | None:
    """Return the full cost of an answer: read, check, queue, store, acknowledge, and report to the
    room, minus what the same question costs afterwards, until it closes. None for several runs,
    which overlap.
    """
    if len(rooms) > 1:
        return None
    (room,) = rooms
    answers = sum(len(one["acks"]) for one in room.records)
    spent = {"gateway": 0.0, "postgres": 0.0}
    for process in spent:
        for opens_at, closes_at in room.times.values():
            start, end = opens_at / 1000, closes_at / 1000
            quiet = min(start + spread_s + _ACKS_LATE_S, end - _QUIET_S)
            idle = samples.used(process, quiet, end) / (end - quiet)
            spent[process] += samples.used(process, start, quiet) - idle * (quiet - start)
    return {name: round(1000 * used / max(1, answers), 4) for name, used in spent.items()}


def _spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 2) for name in after}
