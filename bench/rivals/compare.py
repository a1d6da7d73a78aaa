"""Measure all servers alternately in several rounds, so that compared figures are minutes apart.

Machines are shared and noisy, so ratios are computed per round and reported as medians.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from bench.generators import generator
from bench.rivals import durable
from bench.rivals.load import Order
from bench.rivals.servers import OTHERS, OURS, Rival, running
from deploy.errors import StackError

SIZES = (100, 1_000, 10_000)
DURABLE_FROM = 100
"""Sizes from which our durable acknowledgements are compared with the others' plain ones."""
ROUNDS = 3
DURABLE = "durable"
DURABLE_PAIR = "durable, 2 gateways"
STORED = (DURABLE, DURABLE_PAIR)
"""Whole stacks with one and two gateways, which store answers before acknowledging them."""
CPU_FIGURES = ("broadcast.cpu_us", "single.cpu_us", "acks.cpu_us")
"""Server CPU per message: of broadcasts in a row, of one at a time, and of acks. Rates alone would
measure the load generator.
"""
_LONGEST_S = 600.0


async def compare(
    rivals: Sequence[Rival],
    sizes: Sequence[int],
    rounds: int,
    say: Callable[[str], None],
    stored: Sequence[str] = STORED,
) -> list[dict[str, Any]]:
    """Return a sample for each size, server and round, including whole stacks of `stored`."""
    samples = []
    for size in sizes:
        for turn in range(rounds):
            # Rotate the order, so that no server always follows the same one.
            first = turn % len(rivals)
            for rival in (*rivals[first:], *rivals[:first]):
                say(f"{size:,} sockets, round {turn + 1} of {rounds}: {rival.title}…")
                found = await sample(rival, size)
                samples.append({"sockets": size, "round": turn, "rival": rival.name, **found})
            for name in stored if size >= DURABLE_FROM else ():
                say(f"{size:,} sockets, round {turn + 1} of {rounds}: {name}…")
                found = await durable.sample(size, gateways=1 + STORED.index(name))
                samples.append({"sockets": size, "round": turn, "rival": name, **found})
    return samples


async def sample(
    rival: Rival,
    size: int,
    *,
    deliveries: int = 60_000,
    single_deliveries: int = 30_000,
    answers: int = 40_000,
) -> dict[str, Any]:
    """Start a server and measure it; see `bench.rivals.load.measure`."""
    async with running(rival) as (port, pid):
        order = Order(
            port=port,
            pid=pid,
            protocol=rival.protocol,
            sockets=size,
            deliveries=deliveries,
            single_deliveries=single_deliveries,
            answers=answers,
        )
        async with generator("bench.rivals.load") as process, asyncio.timeout(_LONGEST_S):
            output, _ = await process.communicate(json.dumps(asdict(order)).encode())
        if process.returncode:
            raise StackError(f"The load generator failed with {rival.title}.")
        found: dict[str, Any] = json.loads(output)
        return found


def medians(samples: list[dict[str, Any]], sockets: int, rival: str) -> dict[str, float]:
    """Return the median of each figure over the rounds."""
    mine = [flat(one) for one in samples if one["rival"] == rival and one["sockets"] == sockets]
    return {name: statistics.median(one[name] for one in mine) for name in mine[0]}


def ratio(samples: list[dict[str, Any]], sockets: int, figure: str, ours: str, other: str) -> float:
    """Return the median of our figure divided by the other's, over the rounds that have both."""
    of = {
        (one["rival"], one["round"]): flat(one)[figure]
        for one in samples
        if one["sockets"] == sockets and one["rival"] in (ours, other)
    }
    turns = [turn for rival, turn in of if rival == ours and (other, turn) in of]
    return statistics.median(of[ours, turn] / of[other, turn] for turn in turns)


def cpu_ratio(samples: list[dict[str, Any]], sockets: int, figure: str) -> tuple[float, str] | None:
    """Return our figure divided by the best other server's, and its name; None if either is
    missing.
    """
    present = {one["rival"] for one in samples if one["sockets"] == sockets}
    others = [name for name in OTHERS if name in present]
    if OURS.name not in present or not others:
        return None
    best = min(others, key=lambda name: medians(samples, sockets, name)[figure])
    return ratio(samples, sockets, figure, OURS.name, best), best


def flat(sample: dict[str, Any]) -> dict[str, float]:
    """Flatten ``{"acks": {"per_s": 1}}`` to ``{"acks.per_s": 1}``."""
    made: dict[str, float] = {}
    for name, value in sample.items():
        if isinstance(value, dict):
            made |= {f"{name}.{inner}": figure for inner, figure in value.items()}
        elif isinstance(value, int | float):
            made[name] = value
    return made
