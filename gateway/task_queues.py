"""What waits in Temporal for workers, as the server sees it: workers that are gone cannot tell."""

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

ASK_EVERY_S = 10.0
ASK_TIMEOUT_S = 3.0
POLLED_WITHIN_S = 70.0
"""A worker that waits for tasks asks anew every minute at the latest."""

_WORKFLOW = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_ASKED = (
    (RUN_QUEUE, "workflow", _WORKFLOW),
    (RUN_QUEUE, "activity", _ACTIVITY),
    (SCORING_QUEUE, "activity", _ACTIVITY),
)

log = structlog.get_logger(__name__)


class TaskQueueMonitor:
    """Asks for the backlogs every 10 s. While Temporal is away its gauges keep what they had."""

    def __init__(
        self, client: Client, registry: CollectorRegistry, *, every_s: float = ASK_EVERY_S
    ) -> None:
        self._client = client
        self._every_s = every_s
        labels = ["queue", "kind"]
        self._backlog = Gauge(
            "quizrun_task_queue_backlog",
            "Tasks that no worker has taken (approximate).",
            labels,
            registry=registry,
        )
        self._age = Gauge(
            "quizrun_task_queue_backlog_age_seconds",
            "The age of the oldest task that no worker has taken.",
            labels,
            registry=registry,
        )
        self._pollers = Gauge(
            "quizrun_task_queue_pollers",
            "Workers that asked for tasks within 70 s.",
            labels,
            registry=registry,
        )

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                async with asyncio.timeout(2 * ASK_TIMEOUT_S):
                    await self.look()
            except (RPCError, RuntimeError, TimeoutError) as error:
                # `quizrun_dependency_up` says that Temporal is away.
                log.debug("task_queues.not_read", error=error)
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Ask once. Raises `RPCError`, or `RuntimeError` where the client cannot connect."""
        answers = await asyncio.gather(*(self._describe(name, kind) for name, _, kind in _ASKED))
        since = time.time() - POLLED_WITHIN_S
        for (name, kind, _), answer in zip(_ASKED, answers, strict=True):
            stats = answer.stats
            self._backlog.labels(name, kind).set(stats.approximate_backlog_count)
            self._age.labels(name, kind).set(
                stats.approximate_backlog_age.ToTimedelta().total_seconds()
            )
            self._pollers.labels(name, kind).set(
                sum(1 for one in answer.pollers if one.last_access_time.seconds > since)
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
            timeout=timedelta(seconds=ASK_TIMEOUT_S),
        )
