"""A run's workflow, pending activities and pollers, as Temporal knows them."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState, TaskQueueType
from temporalio.api.failure.v1 import Failure
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from telemetry.clock import now_ms
from workflows import contract

TIMEOUT_S = 5.0
DETAILS_TIMEOUT_S = 3.0
METADATA_QUERY = "__temporal_workflow_metadata"
POLLED_WITHIN_MS = 90_000
"""A poll lasts a minute, so a live worker was seen within this time; a killed one stays listed
for some minutes."""
MAX_FAILURE_CHARS = 400

_ROW = re.compile(r"^\| (.+?) \| (.*?) \|$", re.MULTILINE)


class PendingStep(BaseModel):
    """An activity that has not completed yet. Times are epoch ms."""

    name: str
    attempt: int
    state: str
    scheduled_at: int | None = None
    next_attempt_at: int | None = None
    last_heartbeat_at: int | None = None
    last_failure: str | None = None
    worker: str | None = None


class WorkflowView(BaseModel):
    """The latest workflow of a run. `details` is the workflow's own description, which needs a
    worker to answer the query.
    """

    status: str
    workflow_run_id: str
    started_at: int | None = None
    closed_at: int | None = None
    history_events: int = 0
    steps: list[PendingStep] = []
    task_attempt: int = 0
    """The pending workflow task's attempt; 0 if none is pending."""
    task_waits_ms: int = 0
    """How long the task has been waiting for a worker; 0 once one has taken it."""
    details: dict[str, str] = {}

    @property
    def running(self) -> bool:
        """Whether the workflow is still running."""
        return self.status == "running"


class Workflows:
    """Queries Temporal about runs. Every call has a timeout; errors are the SDK's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def view(self, run_id: str) -> WorkflowView | None:
        """Return the latest workflow of the run; None if there is none.

        Raises `RPCError`, `TimeoutError`, or `RuntimeError` (a lazy client that cannot connect).
        """
        request = DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=contract.workflow_id(run_id)),
        )
        try:
            async with asyncio.timeout(TIMEOUT_S):
                found = await self._client.workflow_service.describe_workflow_execution(
                    request, timeout=timedelta(seconds=TIMEOUT_S)
                )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        view = _view(found)
        if view.running:
            view.details = await self._details(run_id)
        return view

    async def pollers(self, queue: str = contract.RUN_QUEUE) -> list[str]:
        """List the workers that recently polled `queue`. Raises like `view`."""
        kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
        seen: set[str] = set()
        for kind in kinds:
            request = DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=kind,
            )
            async with asyncio.timeout(TIMEOUT_S):
                found = await self._client.workflow_service.describe_task_queue(
                    request, timeout=timedelta(seconds=TIMEOUT_S)
                )
            seen |= {
                one.identity
                for one in found.pollers
                if now_ms() - (_ms(one.last_access_time) or 0) < POLLED_WITHIN_MS
            }
        return sorted(seen)

    async def _details(self, run_id: str) -> dict[str, str]:
        handle = self._client.get_workflow_handle(contract.workflow_id(run_id))
        try:
            async with asyncio.timeout(DETAILS_TIMEOUT_S):
                metadata: WorkflowMetadata = await handle.query(
                    METADATA_QUERY, result_type=WorkflowMetadata
                )
        except (RPCError, TimeoutError):
            return {}
        except Exception:  # noqa: BLE001  (no worker, an old one: the rest is worth showing)
            return {}
        return dict(_ROW.findall(metadata.current_details))


def ui_link(ui_url: str, namespace: str, run_id: str) -> str | None:
    """Return the run's page in the Temporal UI; None if the UI's URL is unknown."""
    if not ui_url:
        return None
    workflow = quote(contract.workflow_id(run_id), safe="")
    return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows/{workflow}"


def _view(found: DescribeWorkflowExecutionResponse) -> WorkflowView:
    info = found.workflow_execution_info
    task = found.pending_workflow_task if found.HasField("pending_workflow_task") else None
    waits = 0
    if task is not None and not task.HasField("started_time"):
        waits = max(0, now_ms() - (_ms(task.scheduled_time) or now_ms()))
    return WorkflowView(
        status=WorkflowExecutionStatus(info.status).name.lower(),
        workflow_run_id=info.execution.run_id,
        started_at=_ms(info.start_time),
        closed_at=_ms(info.close_time),
        history_events=info.history_length,
        steps=[_step(one) for one in found.pending_activities],
        task_attempt=task.attempt if task is not None else 0,
        task_waits_ms=waits,
    )


def _step(one: Any) -> PendingStep:
    state: str = PendingActivityState.Name(one.state)
    return PendingStep(
        name=one.activity_type.name,
        attempt=one.attempt,
        state=state.removeprefix("PENDING_ACTIVITY_STATE_").lower(),
        scheduled_at=_ms(one.scheduled_time),
        next_attempt_at=_ms(one.next_attempt_schedule_time),
        last_heartbeat_at=_ms(one.last_heartbeat_time),
        last_failure=_failure(one.last_failure) if one.HasField("last_failure") else None,
        worker=one.last_worker_identity or None,
    )


def _failure(failure: Failure) -> str:
    """Return the message, and its cause's if that adds anything."""
    messages = []
    while failure.message:
        messages.append(failure.message)
        if not failure.HasField("cause"):
            break
        failure = failure.cause
    return ": ".join(dict.fromkeys(messages))[:MAX_FAILURE_CHARS] or "no message"


def _ms(stamp: Timestamp) -> int | None:
    moment: datetime = stamp.ToDatetime()
    return stamp.ToMilliseconds() if moment.year > 1970 else None
