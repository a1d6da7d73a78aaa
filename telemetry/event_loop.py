"""How late the event loop is: what blocks it delays everybody."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, Histogram

EVERY_S = 0.1
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class EventLoopLag:
    """Measures ten times a second how late a timer fires."""

    def __init__(self, registry: CollectorRegistry, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._lag = Histogram(
            "quizrun_event_loop_lag_seconds",
            "How late a callback ran that is due every 100 ms.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due_at = time.perf_counter() + self._every_s
            await asyncio.sleep(self._every_s)
            self._lag.observe(max(0.0, time.perf_counter() - due_at))
