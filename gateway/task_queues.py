"""Monitor Temporal's task queues from outside the workers, which may all be down."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, Gauge
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
)
from temporalio.client import Client
from temporalio.service import RPCError

from workflows.contract import RUN_QUEUE, SCORING_QUEUE

POLL_INTERVAL_S = 10.0
REQUEST_TIMEOUT_S = 3.0
POLLED_WITHIN_S = 70.0
"""An idle worker polls again at least every minute."""

_WORKFLOW = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_QUEUES = (
    (RUN_QUEUE, "workflow", _WORKFLOW),
    (RUN_QUEUE, "activity", _ACTIVITY),
    (SCORING_QUEUE, "activity", _ACTIVITY),
)

log = structlog.get_logger(__name__)


class TaskQueueMonitor:
    """Polls the backlogs every 10 s. While Temporal is unavailable its gauges keep their values."""

    def __init__(
        self, client: Client, registry: CollectorRegistry, *, every_s: float = POLL_INTERVAL_S
    ) -> None:
        self._client = client
        self._every_s = every_s
        labels = ["queue", "kind"]
        self._backlog = Gauge(
            "quizrun_task_queue_backlog",
            "Approximate number of tasks waiting for a worker.",
            labels,
            registry=registry,
        )
        self._age = Gauge(
            "quizrun_task_queue_backlog_age_seconds",
            "Age of the oldest task waiting for a worker.",
            labels,
            registry=registry,
        )
        self._pollers = Gauge(
            "quizrun_task_queue_pollers",
            "Workers that polled within the last 70 s.",
            labels,
            registry=registry,
        )

    async def run(self) -> None:
        """Monitor until cancelled."""
        while True:
            try:
                async with asyncio.timeout(2 * REQUEST_TIMEOUT_S):
                    await self.refresh()
            except (RPCError, RuntimeError, TimeoutError) as error:
                # `quizrun_dependency_up` reports the outage.
                log.debug("task_queues.not_read", error=error)
            await asyncio.sleep(self._every_s)

    async def refresh(self) -> None:
        """Poll once. Raises `RPCError`, or `RuntimeError` if the client cannot connect."""
        descriptions = await asyncio.gather(
            *(self._describe(name, kind) for name, _, kind in _QUEUES)
        )
        since = time.time() - POLLED_WITHIN_S
        for (name, kind, _), description in zip(_QUEUES, descriptions, strict=True):
            stats = description.stats
            self._backlog.labels(name, kind).set(stats.approximate_backlog_count)
            self._age.labels(name, kind).set(
                stats.approximate_backlog_age.ToTimedelta().total_seconds()
            )
            self._pollers.labels(name, kind).set(
                sum(1 for poller in description.pollers if poller.last_access_time.seconds > since)
            )

    async def _describe(
        self, name: str, kind: TaskQueueType.ValueType
    ) -> DescribeTaskQueueResponse:
        return await self._client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=name),
                task_queue_type=kind,
                report_stats=True,
            ),
            timeout=timedelta(seconds=REQUEST_TIMEOUT_S),
        )
