"""Detection of outages of the servers that a process depends on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog
from prometheus_client import CollectorRegistry, Gauge

from telemetry.health import Health, HealthCheck, run_checks

CHECK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


class OutageMonitor:
    """Checks every server periodically; logs when an outage begins and when it ends."""

    def __init__(
        self,
        checks: Sequence[HealthCheck],
        registry: CollectorRegistry,
        *,
        every_s: float = CHECK_EVERY_S,
    ) -> None:
        self._checks = checks
        self._every_s = every_s
        self._down_since: dict[str, float] = {}
        self._up = Gauge(
            "quizrun_dependency_up",
            "Whether a server that this process depends on is up (1) or down (0).",
            ["dependency"],
            registry=registry,
        )

    async def run(self) -> None:
        """Check until cancelled."""
        while True:
            for health in await run_checks(self._checks):
                self._record(health)
            await asyncio.sleep(self._every_s)

    def _record(self, health: Health) -> None:
        self._up.labels(health.name).set(int(health.ok))
        if health.ok:
            since = self._down_since.pop(health.name, None)
            if since is not None:
                lasted_s = round(time.monotonic() - since, 1)
                log.info("dependency.up", dependency=health.name, after_s=lasted_s)
        elif health.name not in self._down_since:
            self._down_since[health.name] = time.monotonic()
            log.warning(
                "dependency.down",
                dependency=health.name,
                required=health.required,
                error_type=health.error,
                reason=health.reason,
            )
