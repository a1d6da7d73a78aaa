"""Settings of a worker process, from environment variables."""

from __future__ import annotations

from pydantic import Field

from quiz.window import ANSWER_GRACE_MS
from telemetry.settings import ServerSettings
from workflows.policies import SETTLE_MS


class WorkerSettings(ServerSettings):
    """Settings of a worker, from environment variables prefixed with ``QUIZRUN_``."""

    metrics_host: str = "127.0.0.1"
    """The address of the metrics server; `0.0.0.0` accepts connections from other machines."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """The port of ``/healthz``, ``/readyz`` and ``/metrics``; 0 picks a free one."""
    settle_ms: int = Field(default=SETTLE_MS, gt=ANSWER_GRACE_MS, le=10_000)
    """How long scoring waits after a question has closed, for answers still being stored. It is
    longer than the time of grace for answers (250 ms): nobody can answer once they have seen the
    solution."""
    graceful_shutdown_s: float = Field(default=20, ge=0)
    """How long running activities may take to finish at shutdown."""
    max_concurrent_activities: int = Field(default=100, ge=1)
    """The maximum number of concurrent activities per worker."""
    sticky_timeout_s: float = Field(default=2, gt=0)
    """How long a run waits for the worker that cached it before any other takes it over."""
