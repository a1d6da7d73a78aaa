"""All timeouts and retry policies of a run, in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy

from workflows.contract import SCORING_QUEUE

SETTLE_MS = 300
"""How long scoring waits after a question closed, so that every answer taken in the grace time has
been committed. A row that comes later still is scored with the next question."""

FAST_SCORING_PLAYERS = 1_000
"""Questions of larger rooms are scored in a queue of their own, so as not to hold up the others."""

PUBLISHED_AT_ONCE = 8
"""How many decisions one activity publishes: their names make up its summary, which is bounded."""

KEYS_REMEMBERED = 200
"""How many keys of host commands a run remembers over continue-as-new."""


class LocalOptions(TypedDict):
    """Options of `workflow.execute_local_activity`."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class ActivityOptions(TypedDict):
    """Options of `workflow.execute_activity`; a `task_queue` of None is the workflow's own."""

    task_queue: str | None
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy


# For runs of the first release only: see ADR 14.
QUICK: LocalOptions = {
    # A single try: what fails is handed to a regular activity, where operators see the retries.
    "start_to_close_timeout": timedelta(seconds=4),
    "schedule_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}

PATIENT: ActivityOptions = {
    # A run waits for a server that is down for as long as it takes, and goes on at once when it
    # is back: unlimited tries, at most two seconds apart.
    "task_queue": None,
    "start_to_close_timeout": timedelta(seconds=15),
    # Activities send heartbeats (`workers.interceptors`): a killed worker is noticed by their end.
    "heartbeat_timeout": timedelta(seconds=3),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=1.5,
        maximum_interval=timedelta(seconds=2),
    ),
}

SCORING: ActivityOptions = {
    # A queue of its own, so that scoring a large room does not hold up others.
    "task_queue": SCORING_QUEUE,
    "start_to_close_timeout": timedelta(seconds=60),
    "heartbeat_timeout": PATIENT["heartbeat_timeout"],
    "retry_policy": PATIENT["retry_policy"],
}
