"""How long a gateway leaves everybody else waiting, and how much of that is its own work."""

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
    """The worst that happened between two acknowledgements.

    `busy_s` is the processor time that the gateway used between them. A gap can also come from a
    machine that is busy with something else; this part of it cannot.
    """

    gap_s: float = 0
    busy_s: float = 0


@asynccontextmanager
async def watching(pid: int, players: Sequence[Client]) -> AsyncIterator[Stall]:
    """Let the players ask for the time in turn, all along; each may send 20 events a second."""
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
    """The processor time that a process of Linux has used, in all its threads."""
    return time.clock_gettime((~pid << 3) | 2)  # as clock_getcpuclockid(3) makes a clock of it


def peak_memory_mb(pid: int) -> float:
    """The most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
