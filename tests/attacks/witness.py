"""A client that measures a gateway while something else attacks it."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from tests.attacks.watching import READY, Order, Seen
from tests.system.system import ROOT

MOST_GROWTH = 0.5
FLOOR_MS = 20.0
"""Growth that is never counted as harm. An acknowledgement takes 1 ms, half of which is within the
noise of two shared cores; nobody notices 20 ms, and an attack that works costs hundreds.
"""
MOST_MEMORY = 48 << 20
CALM_S = 2.0
SHORTEST_S = 1.0
PATIENCE_S = 30.0


class Witness:
    """Players who send a cheap event 50 times a second, and note when it is acknowledged."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def calm(self) -> Seen:
        """Watch while nothing else happens."""
        async with self.watching() as seen:
            # time: it is what is measured
            await asyncio.sleep(CALM_S)
        return seen

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Seen]:
        """Watch during the block. What was seen is complete when it has ended."""
        await self._report()
        seen, until = Seen(), time.monotonic() + SHORTEST_S
        yield seen
        # time: a percentile needs some acknowledgements
        await asyncio.sleep(until - time.monotonic())
        vars(seen).update(vars(await self._report()))

    async def _report(self) -> Seen:
        return Seen(**json.loads(await self._ask("report")))

    async def _ask(self, line: str) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.stdout.readline()

    async def begin(self, order: Order) -> None:
        """Join."""
        assert (await self._ask(json.dumps(asdict(order)))).strip() == READY.encode()


@asynccontextmanager
async def witness_of(order: Order) -> AsyncIterator[Witness]:
    """Let a witness watch a gateway."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.attacks.watching"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    witness = Witness(process)
    try:
        await witness.begin(order)
        yield witness
    finally:
        process.kill()
        await process.wait()


def p99_ms(seen: Seen) -> float:
    """The 99th percentile of the latencies."""
    ordered = sorted(seen.latencies_ms)
    return ordered[math.ceil(0.99 * len(ordered)) - 1]


def assert_unharmed(before: Seen, during: Seen, *, most_memory: int = MOST_MEMORY) -> None:
    """Assert that acknowledgements took less than half as long again as before, that none was lost,
    and that the gateway's memory grew by at most `most_memory` bytes.
    """
    calm_ms, attacked_ms = p99_ms(before), p99_ms(during)
    # A queue in front of a gateway that gets half a core is twice as long.
    most_ms = max((1 + MOST_GROWTH) * calm_ms, calm_ms + FLOOR_MS * during.slowdown)
    figures = (
        f"p99 {calm_ms:.1f} → {attacked_ms:.1f} ms, {len(during.latencies_ms)} acks, "
        f"slowed down × {during.slowdown:.1f}"
    )
    assert during.lost == 0, f"{during.lost} events were not acknowledged; {figures}"
    assert attacked_ms <= most_ms, figures
    grown = during.rss_bytes - during.first_rss_bytes
    assert grown <= most_memory, f"the gateway grew by {grown >> 20} MiB; {figures}"
