"""Load generator processes, always stopped with their block."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.load import JOINED, Order
from deploy.errors import StackError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@asynccontextmanager
async def generating(orders: Sequence[Order]) -> AsyncIterator[Generators]:
    """Run a process per order."""
    async with AsyncExitStack() as ending:
        processes = [await ending.enter_async_context(generator("bench.load")) for _ in orders]
        for process, order in zip(processes, orders, strict=True):
            send_order(process, order)
        yield Generators(orders, processes)


@asynccontextmanager
async def generator(module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a load generator."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def send_order(process: asyncio.subprocess.Process, order: DataclassInstance) -> None:
    """Send a load generator its order and close its input."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(order)).encode())
    process.stdin.close()


async def says(process: asyncio.subprocess.Process, word: str) -> bool:
    """Return whether a load generator's next line is `word`."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip() == word


class Generators:
    """The generators of a run."""

    def __init__(
        self, orders: Sequence[Order], processes: Sequence[asyncio.subprocess.Process]
    ) -> None:
        self._orders = orders
        self._processes = processes

    async def joined(self) -> None:
        """Wait until all players have joined."""
        await asyncio.gather(*(_joined(process) for process in self._processes))

    async def loads(self) -> list[dict[str, Any]]:
        """Wait until all is over, and return the generators' records."""
        codes = await asyncio.gather(*(process.wait() for process in self._processes))
        if any(codes):
            raise StackError("A load generator failed.")
        return [_load(order) for order in self._orders]


async def _joined(process: asyncio.subprocess.Process) -> None:
    if not await says(process, JOINED):
        raise StackError("A load generator failed while its players joined.")


def _load(order: Order) -> dict[str, Any]:
    """Read what a generator has written."""
    document: dict[str, Any] = json.loads(Path(order.result).read_text())
    return document
