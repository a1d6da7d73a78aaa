"""Measure how long a gateway stalls other players, and its own CPU share of that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.system.client import Client

PAUSE_S = 0.02


@dataclass
class Stall:
    """The longest gap between two acknowledgements.

    `busy_s` is the CPU time that the gateway used during it. Unlike the gap, it does not depend
    on what else the machine is doing.
    """

    gap_s: float = 0
    busy_s: float = 0


@asynccontextmanager
async def watching(pid: int, players: Sequence[Client]) -> AsyncIterator[Stall]:
    """Keep the players sending time requests in turn; each may send 20 events a second."""
    stall, over = Stall(), asyncio.Event()
    watch = asyncio.create_task(_watch(pid, players, stall, over))
    try:
        yield stall
        over.set()
        await watch
    finally:
        watch.cancel()
        await asyncio.wait([watch])


async def _watch(pid: int, players: Sequence[Client], stall: Stall, over: asyncio.Event) -> None:
    at, busy = time.monotonic(), busy_s(pid)
    while not over.is_set():
        for player in players:
            try:
                answer = await player.ask("sync", {"t0": 0})
                assert answer["ok"], answer
            finally:
                now, busy_now = time.monotonic(), busy_s(pid)
                stall.gap_s = max(stall.gap_s, now - at)
                stall.busy_s = max(stall.busy_s, busy_now - busy)
                at, busy = now, busy_now
            await asyncio.sleep(PAUSE_S)


def busy_s(pid: int) -> float:
    """The CPU time of all threads of a process (Linux)."""
    return time.clock_gettime((~pid << 3) | 2)  # computed like clock_getcpuclockid(3)


def peak_memory_mb(pid: int) -> float:
    """The peak memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
