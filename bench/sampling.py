"""Sample CPU use over time, to attribute cost to periods of a run."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_EVERY_S = 0.1

Reading = dict[str, float]
"""CPU seconds used so far, by process name."""


class Samples:
    """Readings with their times (epoch seconds)."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._readings: list[Reading] = []

    def add(self, at: float, reading: Reading) -> None:
        """Add a reading; times must increase."""
        self._times.append(at)
        self._readings.append(reading)

    def used(self, process: str, start: float, end: float) -> float:
        """Return the CPU seconds that processes with the name prefix `process` used from `start` to
        `end`, interpolated between readings.
        """
        return self._total(process, end) - self._total(process, start)

    def _total(self, process: str, at: float) -> float:
        after = min(max(bisect_left(self._times, at), 1), len(self._times) - 1)
        before = after - 1
        first, second = self._sum(process, before), self._sum(process, after)
        span = self._times[after] - self._times[before]
        share = min(max((at - self._times[before]) / span, 0.0), 1.0) if span else 0.0
        return first + share * (second - first)

    def _sum(self, process: str, index: int) -> float:
        reading = self._readings[index]
        return sum(used for name, used in reading.items() if name.startswith(process))


@asynccontextmanager
async def sampling(read: Callable[[], Reading]) -> AsyncIterator[Samples]:
    """Take a reading ten times a second."""
    samples = Samples()

    async def sample() -> None:
        while True:
            samples.add(time.time(), read())
            await asyncio.sleep(_EVERY_S)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
