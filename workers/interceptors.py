"""Interceptors of all activities: bounded error texts, error reports, heartbeats."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from quiz.errors import MAX_MESSAGE_CHARS, QuizrunError
from telemetry.errors import report

FIRST_HEARTBEAT_S = 0.3
HEARTBEAT_S = 1.0


class BoundedErrors(Interceptor):
    """Limits the length of error texts, because histories and payloads are limited."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _BoundedErrorsInbound(next)


class _BoundedErrorsInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await super().execute_activity(input)
        except Exception as error:  # noqa: BLE001 - the text of any error must be bounded
            kind = error.code.value if isinstance(error, QuizrunError) else type(error).__name__
            if not isinstance(error, QuizrunError):
                report(error)
            raise bounded(error, kind) from None


class Heartbeats(Interceptor):
    """Sends heartbeats during activities, so that a killed worker is detected within seconds."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _HeartbeatsInbound(next)


class _HeartbeatsInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        if activity.info().is_local:  # covered by the workflow task's own timeout
            return await super().execute_activity(input)
        beating = asyncio.create_task(_beat(), name="heartbeats")
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat() -> None:
    # Most activities end before the first heartbeat.
    await asyncio.sleep(FIRST_HEARTBEAT_S)
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_S)


def bounded(error: Exception, kind: str) -> ApplicationError:
    """Convert `error` for Temporal, with at most `MAX_MESSAGE_CHARS` of its text."""
    if isinstance(error, ApplicationError):
        return error
    text = str(error) or kind
    if len(text) > MAX_MESSAGE_CHARS:
        text = text[: MAX_MESSAGE_CHARS - 1] + "…"
    return ApplicationError(text, type=kind)
