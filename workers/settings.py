"""What a worker process is told through its environment."""

from __future__ import annotations

from pydantic import Field

from telemetry.settings import ServerSettings
from workflows.policies import SETTLE_MS


class WorkerSettings(ServerSettings):
    """Settings of a worker; names are prefixed with ``QUIZRUN_``."""

    metrics_host: str = "127.0.0.1"
    """Where ``/healthz``, ``/readyz`` and ``/metrics`` listen; ``0.0.0.0`` lets other hosts ask."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """0 picks a free port."""
    settle_ms: int = Field(default=SETTLE_MS, ge=0, le=10_000)
    """How long scoring waits after a question has closed, for answers that are being stored."""
    graceful_shutdown_s: float = Field(default=20, ge=0)
    """How long running activities may take to end when the process is asked to stop."""
    max_concurrent_activities: int = Field(default=100, ge=1)
    """Steps of runs that a worker carries out at the same time."""
    sticky_timeout_s: float = Field(default=2, gt=0)
    """After this long without a sign of the worker that cached a run, any other takes it over."""
