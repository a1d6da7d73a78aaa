"""Log context of activities, and log lines for failed attempts."""

from __future__ import annotations

from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workflows import contract

log = structlog.get_logger(__name__)


class LogContext(Interceptor):
    """Binds run, workflow, activity and attempt to all log lines of an activity.

    Must be the outermost interceptor, to see errors in the form that Temporal stores.
    """

    def __init__(self) -> None:
        # The SDK would repeat the bound context in the text of each line.
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
