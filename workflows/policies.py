"""Timeouts, retry policies and limits of the workflow."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy

from workflows.contract import SCORING_QUEUE, TASK_TIMEOUT

SETTLE_MS = 300
"""How long scoring waits after a question closed, for answers accepted in the grace time to be
committed. Rows that are even later are scored with the next question."""

FAST_SCORING_PLAYERS = 1_000
"""Questions of larger runs are scored on a task queue of their own, so as not to delay others."""

MAX_DECISIONS_PER_PUBLISH = 8
"""Decisions published by one activity, whose summary lists them and is limited in length."""

MAX_COMMAND_KEYS = 200
"""Idempotency keys of host commands that a run keeps."""


class LocalOptions(TypedDict):
    """Options of `workflow.execute_local_activity`."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class ActivityOptions(TypedDict):
    """Options of `workflow.execute_activity`; `task_queue` None means the workflow's own."""

    task_queue: str | None
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy


LOCAL: LocalOptions = {
    # A single attempt: failures fall back to a regular activity, whose retries operators can see.
    "start_to_close_timeout": timedelta(seconds=4),
    "schedule_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}

DEFAULT: ActivityOptions = {
    # Unlimited attempts at most two seconds apart: a run waits out any outage of a server, and
    # continues as soon as it is over.
    "task_queue": None,
    "start_to_close_timeout": timedelta(seconds=15),
    # Missing heartbeats (`workers.interceptors`) reveal a killed worker. An overloaded Temporal may
    # need seconds to take one.
    "heartbeat_timeout": TASK_TIMEOUT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=1.5,
        maximum_interval=timedelta(seconds=2),
    ),
}

SCORING: ActivityOptions = {
    "task_queue": SCORING_QUEUE,
    "start_to_close_timeout": timedelta(seconds=60),
    "heartbeat_timeout": DEFAULT["heartbeat_timeout"],
    "retry_policy": DEFAULT["retry_policy"],
}
