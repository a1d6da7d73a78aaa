"""What a line that an activity logs is about, and lines about attempts that failed."""

from __future__ import annotations

from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workflows import contract

log = structlog.get_logger(__name__)


class LogContext(Interceptor):
    """Binds run, workflow, activity and attempt to everything that an activity logs.

    The outermost interceptor: errors arrive here as Temporal keeps them.
    """

    def __init__(self) -> None:
        # The context says it; the SDK would repeat it in the text of each of its lines.
        activity.logger.activity_info_on_message = False
        workflow.logger.workflow_info_on_message = False

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _LogContextInbound(next)


class _LogContextInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        workflow_id = info.workflow_id or ""
        with structlog.contextvars.bound_contextvars(
            run_id=contract.run_id(workflow_id),
            workflow_id=workflow_id,
            workflow_run_id=info.workflow_run_id,
            activity=info.activity_type,
            attempt=info.attempt,
        ):
            try:
                result = await super().execute_activity(input)
            except Exception as error:
                log.warning("step.failed", error=error)
                raise
            if info.attempt > 1:
                log.info("step.recovered")
            return result
