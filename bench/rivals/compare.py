"""All compared servers in turn, several rounds: what is compared ran within the same minutes.

Machines are shared and noisy: the ratios are taken round by round, and their medians quoted.
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
from bench.rivals.servers import RIVALS, Rival, running
from deploy.local.errors import StackError

SIZES = (100, 1_000, 10_000)
DURABLE_FROM = 1_000
"""Sizes from which our gateway's durable acknowledgements are measured beside the others' plain
ones: below, an answer is over before the next one comes."""
ROUNDS = 3
DURABLE = "durable"
DURABLE_PAIR = "durable, 2 gateways"
STORED = (DURABLE, DURABLE_PAIR)
"""A whole stack of ours, with one gateway and with two: each answer is in PostgreSQL before it is
acknowledged."""
_LONGEST_S = 600.0


async def compare(
    sizes: Sequence[int], rounds: int, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A sample for each size, server and round, those of `STORED` among them."""
    samples = []
    for size in sizes:
        for turn in range(rounds):
            # Another one begins each time, so that none always follows the same one.
            order = RIVALS[turn % len(RIVALS) :] + RIVALS[: turn % len(RIVALS)]
            for rival in order:
                say(f"{size:,} sockets, round {turn + 1} of {rounds}: {rival.title}…")
                found = await sample(rival, size)
                samples.append({"sockets": size, "round": turn, "rival": rival.name, **found})
            if size < DURABLE_FROM:
                continue
            for gateways, name in enumerate(STORED, start=1):
                say(f"{size:,} sockets, round {turn + 1} of {rounds}: {name}…")
                found = await durable.sample(size, gateways=gateways)
                samples.append({"sockets": size, "round": turn, "rival": name, **found})
    return samples


async def sample(
    rival: Rival, size: int, *, deliveries: int = 200_000, answers: int = 40_000
) -> dict[str, Any]:
    """One measurement of one server, started for it: see `bench.rivals.load.measure`."""
    async with running(rival) as (port, pid):
        order = Order(
            port=port,
            pid=pid,
            raw=rival.raw,
            sockets=size,
            deliveries=deliveries,
            answers=answers,
            singles=5,
        )
        async with generator("bench.rivals.load") as process, asyncio.timeout(_LONGEST_S):
            output, _ = await process.communicate(json.dumps(asdict(order)).encode())
        if process.returncode:
            raise StackError(f"The load generator failed with {rival.title}.")
        found: dict[str, Any] = json.loads(output)
        return found


def medians(samples: list[dict[str, Any]], sockets: int, rival: str) -> dict[str, float]:
    """The median of each figure over the rounds."""
    mine = [flat(one) for one in samples if one["rival"] == rival and one["sockets"] == sockets]
    return {name: statistics.median(one[name] for one in mine) for name in mine[0]}


def ratio(samples: list[dict[str, Any]], sockets: int, figure: str, ours: str, other: str) -> float:
    """The median over the rounds of our figure over the other's in the same round."""
    of = {
        (one["rival"], one["round"]): flat(one)[figure]
        for one in samples
        if one["sockets"] == sockets and one["rival"] in (ours, other)
    }
    turns = sorted({turn for rival, turn in of if rival == ours})
    return statistics.median(of[ours, turn] / of[other, turn] for turn in turns)


def flat(sample: dict[str, Any]) -> dict[str, float]:
    """``{"acks": {"per_s": 1}}`` as ``{"acks.per_s": 1}``."""
    made: dict[str, float] = {}
    for name, value in sample.items():
        if isinstance(value, dict):
            made |= {f"{name}.{inner}": figure for inner, figure in value.items()}
        elif isinstance(value, int | float):
            made[name] = value
    return made
