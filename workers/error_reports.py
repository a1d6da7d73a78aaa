"""Sentry reports of errors in activities and workflows, tagged with the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sentry_sdk
import structlog
from temporalio import activity, workflow
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

REPORT = "quizrun_report_error"
"""The extern function that workflow code calls to report errors."""

log = structlog.get_logger()


class ErrorReports(Interceptor):
    """Tags error reports of activities with workflow, run and attempt; reports workflow faults.

    Errors raised again during replay are not reported again.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _Activity(next)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor]:
        """Wrap each workflow."""
        input.unsafe_extern_functions[REPORT] = _report
        return _Workflow


class _Activity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        if not sentry_sdk.is_initialized():
            return await super().execute_activity(input)
        info = activity.info()
        with sentry_sdk.isolation_scope() as scope:
            scope.set_tags(
                {
                    "temporal.workflow_id": info.workflow_id or "",
                    "temporal.run_id": info.workflow_run_id or "",
                    "temporal.workflow_type": info.workflow_type or "",
                    "temporal.activity": info.activity_type,
                    "temporal.attempt": str(info.attempt),
                    "temporal.task_queue": info.task_queue,
                }
            )
            return await super().execute_activity(input)


class _Workflow(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        try:
            return await super().execute_workflow(input)
        except Exception as error:
            _report_fault(error, "run")
            raise

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        try:
            await super().handle_signal(input)
        except Exception as error:
            _report_fault(error, input.signal)
            raise

    async def handle_query(self, input: HandleQueryInput) -> Any:  # noqa: A002
        try:
            return await super().handle_query(input)
        except Exception as error:
            _report_fault(error, input.query)
            raise

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        try:
            return await super().handle_update_handler(input)
        except Exception as error:
            _report_fault(error, input.update)
            raise


def _report_fault(error: Exception, handler: str) -> None:
    # Failures and continue-as-new are regular ways for a workflow to end.
    ordinary = isinstance(error, FailureError | workflow.ContinueAsNewError)
    if ordinary or is_cancelled_exception(error) or workflow.unsafe.is_replaying():
        return
    info = workflow.info()
    tags = {
        "temporal.workflow_id": info.workflow_id,
        "temporal.run_id": info.run_id,
        "temporal.workflow_type": info.workflow_type,
        "temporal.handler": handler,
        "temporal.attempt": str(info.attempt),
        "temporal.task_queue": info.task_queue,
    }
    # Logging and reporting use the clock, files and threads, which the sandbox forbids.
    with workflow.unsafe.sandbox_unrestricted(), workflow.unsafe.imports_passed_through():
        workflow.extern_functions()[REPORT](error, tags)


def _report(error: Exception, tags: Mapping[str, str]) -> None:
    with sentry_sdk.isolation_scope() as scope:
        scope.set_tags(dict(tags))
        log.error(
            "workflow.fault",
            error=type(error).__name__,
            workflow_id=tags["temporal.workflow_id"],
            exc_info=error,
        )
