"""Exposition of metrics, and event loop lag."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry

from deploy.local.ports import free_port
from telemetry.event_loop import EventLoopLag
from telemetry.exposition import Exposition, SdkMetrics
from telemetry.metrics import Readings, new_registry


async def test_plain_numbers_are_read_when_they_are_scraped() -> None:
    registry = CollectorRegistry()
    readings, seen = Readings(registry), {"ok": 0, "lost": 0}
    readings.counters(
        "seen_total", "Seen.", ("outcome",), lambda: {(name,): n for name, n in seen.items()}
    )
    readings.gauge("size", "Size.", lambda: len(seen))
    seen["ok"] += 3
    text = (await Exposition(registry).text()).decode()
    assert '\nseen_total{outcome="ok"} 3.0\n' in text
    assert '\nseen_total{outcome="lost"} 0.0\n' in text
    assert text.endswith("\nsize 2.0\n")


async def test_metrics_are_served_even_if_those_of_the_sdk_are_unavailable() -> None:
    exposition = Exposition(new_registry("worker", "abc123"), SdkMetrics(free_port()))
    text = (await exposition.text()).decode()
    assert 'revision="abc123",role="worker"' in text
    assert "_created" not in text


async def test_event_loop_lag_is_measured() -> None:
    registry = CollectorRegistry()
    watching = asyncio.create_task(EventLoopLag(registry, interval_s=0.01).run())

    def late() -> float:
        name = "quizrun_event_loop_lag_seconds"
        slow = registry.get_sample_value(f"{name}_bucket", {"le": "0.05"}) or 0
        return (registry.get_sample_value(f"{name}_count") or 0) - slow

    try:
        async with asyncio.timeout(20):
            while not late():
                await asyncio.sleep(0.005)
                time.sleep(0.1)  # noqa: ASYNC251 - as a fault would do it
    finally:
        watching.cancel()
