"""Event loop lag: whatever blocks the loop delays all clients of the process."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, Histogram

INTERVAL_S = 0.1
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class EventLoopLag:
    """Measures how late a periodic timer fires."""

    def __init__(self, registry: CollectorRegistry, *, interval_s: float = INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._lag = Histogram(
            "quizrun_event_loop_lag_seconds",
            "How late a callback that is due every 100 ms was run.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due_at = time.perf_counter() + self._interval_s
            await asyncio.sleep(self._interval_s)
            self._lag.observe(max(0.0, time.perf_counter() - due_at))
