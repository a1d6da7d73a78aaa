"""Memory and connections of our processes, before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.chaos import procfs
from tests.chaos.stack import GATEWAYS, WORKERS, Stack

MAX_GROWTH_MB = 80.0
MAX_MORE_SOCKETS = 32
"""Connection pools stay filled for a while: ten to PostgreSQL, two to each Kafka broker, and one to
Valkey for each run that has written at the same time.
"""
_SETTLE_TRIES = 20


@dataclass(frozen=True)
class Usage:
    """One process."""

    memory_mb: float
    sockets: int


def measure(stack: Stack) -> dict[str, Usage]:
    """Current usage by process."""
    return {
        name: Usage(procfs.resident_mb(pid), procfs.sockets(pid))
        for name in (*GATEWAYS, *WORKERS)
        if (pid := stack.children[name].pid)
    }


async def returned(stack: Stack, before: dict[str, Usage]) -> tuple[list[str], dict[str, Usage]]:
    """Usage that did not return to the level of `before` in a quiet time, and the final usage."""
    faults: list[str] = []
    after = before
    for _ in range(_SETTLE_TRIES):
        after = measure(stack)
        faults = list(_faults(stack, before, after))
        if not faults:
            break
        # time: usage is measured again a second later
        await asyncio.sleep(1)
    return faults, after


def _faults(stack: Stack, before: dict[str, Usage], after: dict[str, Usage]) -> Iterator[str]:
    for name, usage in after.items():
        if usage.memory_mb > before[name].memory_mb + MAX_GROWTH_MB:
            yield f"{name}: {before[name].memory_mb:.0f} MB, now {usage.memory_mb:.0f} MB"
        if usage.sockets > before[name].sockets + MAX_MORE_SOCKETS:
            yield f"{name}: {before[name].sockets} sockets, now {usage.sockets}"
    for url in stack.urls:
        port = urlsplit(url).port
        assert port is not None
        if left := procfs.established(port):
            yield f"{left} connections at {url} although every client is gone"
