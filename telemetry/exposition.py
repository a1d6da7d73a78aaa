"""The content of ``/metrics``: the process's own metrics, and those of its Temporal SDK."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from telemetry.temporal_logs import core_logging

LOOPBACK = "127.0.0.1"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
READ_TIMEOUT_S = 1.0
MAX_BYTES = 4_000_000
MAX_ATTEMPTS = 5
# The SDK's default buckets start at 50 ms or above, and end at a minute.
_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LATENCIES = (
    "temporal_request_latency",
    "temporal_workflow_task_schedule_to_start_latency",
    "temporal_workflow_task_execution_latency",
    "temporal_workflow_task_replay_latency",
    "temporal_activity_schedule_to_start_latency",
    "temporal_activity_execution_latency",
)

log = structlog.get_logger(__name__)


class SdkMetrics:
    """Reads the Temporal SDK's metrics from the loopback port on which it serves them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._failing = False

    async def text(self) -> bytes:
        """Return the metrics; empty if they cannot be read within `READ_TIMEOUT_S`."""
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                text = await self._get()
        except (OSError, TimeoutError, ValueError) as error:
            if not self._failing:
                log.warning("sdk_metrics.not_read", error=error)
            self._failing = True
            return b""
        self._failing = False
        return text

    async def _get(self) -> bytes:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port, limit=MAX_BYTES)
        try:
            writer.write(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200")):
                raise ValueError("unexpected status")
            return await reader.read(-1)
        finally:
            writer.close()


def collect_sdk_metrics() -> SdkMetrics:
    """Collect metrics of all Temporal clients and workers of this process.

    Must be called before the first one is created. Raises `RuntimeError` otherwise, or if no port
    is free.
    """
    for attempt in range(MAX_ATTEMPTS):
        port = _free_port()
        config = PrometheusConfig(
            bind_address=f"{LOOPBACK}:{port}",
            counters_total_suffix=True,
            unit_suffix=True,
            durations_as_seconds=True,
            histogram_bucket_overrides=dict.fromkeys(_LATENCIES, _BUCKETS),
        )
        try:
            runtime = Runtime(
                telemetry=TelemetryConfig(metrics=config, logging=core_logging()),
                worker_heartbeat_interval=timedelta(seconds=60),
            )
        except (RuntimeError, ValueError) as error:
            # Another process may have taken the port in the meantime.
            log.info("sdk_metrics.not_served", port=port, attempt=attempt, error=error)
            continue
        Runtime.set_default(runtime)
        return SdkMetrics(port)
    raise RuntimeError("No port is available for the metrics of the Temporal SDK.")


class Exposition:
    """The text that Prometheus scrapes."""

    def __init__(self, registry: CollectorRegistry, sdk: SdkMetrics | None = None) -> None:
        self.registry = registry
        self._sdk = sdk

    async def text(self) -> bytes:
        """Return all metrics, in `CONTENT_TYPE`."""
        sdk = b"" if self._sdk is None else await self._sdk.text()
        return generate_latest(self.registry) + sdk


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
