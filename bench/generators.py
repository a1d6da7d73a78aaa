"""Load generator processes: started, waited for, and never left behind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.load import JOINED, Order
from deploy.local.errors import StackError


@asynccontextmanager
async def generating(orders: Sequence[Order]) -> AsyncIterator[Generators]:
    """One process for each order, ended with the block."""
    processes = [await _start(order) for order in orders]
    try:
        yield Generators(orders, processes)
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


class Generators:
    """The generators of a run."""

    def __init__(
        self, orders: Sequence[Order], processes: Sequence[asyncio.subprocess.Process]
    ) -> None:
        self._orders = orders
        self._processes = processes

    async def joined(self) -> None:
        """Until all players are in."""
        await asyncio.gather(*(_joined(process) for process in self._processes))

    async def loads(self) -> list[dict[str, Any]]:
        """What they have seen, when all is over."""
        codes = await asyncio.gather(*(process.wait() for process in self._processes))
        if any(codes):
            raise StackError("A load generator failed.")
        return [_load(order) for order in self._orders]


async def _start(order: Order) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(order)).encode())
    process.stdin.close()
    return process


async def _joined(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if line != JOINED:
        raise StackError("A load generator failed while its players joined.")


def _load(order: Order) -> dict[str, Any]:
    """What a generator has written."""
    document: dict[str, Any] = json.loads(Path(order.result).read_text())
    return document
