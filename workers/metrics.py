"""Metrics of a worker's activities."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from telemetry.clock import now_ms
from workflows.contract import CloseInput, DecisionsInput

ACTIVITY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LATENESS_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LEAD_BUCKETS = (-10, -5, -1, -0.5, 0, 0.1, 0.2, 0.3, 0.5, 1, 2)
SCORING_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class StepMetrics(Interceptor):
    """Counts and times every activity.

    Must wrap `BoundedErrors`, which sets the error types that are counted.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "quizrun_activity_seconds",
            "Duration of activities.",
            ["activity"],
            buckets=ACTIVITY_BUCKETS,
            registry=registry,
        )
        self.outcomes = Counter(
            "quizrun_activities_total",
            "Activity attempts by outcome.",
            ["activity", "outcome"],
            registry=registry,
        )
        self.failures = Counter(
            "quizrun_activity_failures_total",
            "Failed activity attempts by error.",
            ["activity", "error"],
            registry=registry,
        )
        self.in_progress = Gauge(
            "quizrun_activities_in_progress", "Activities in progress.", registry=registry
        )
        self._lateness = Histogram(
            "quizrun_timer_lateness_seconds",
            "Time from the end of a question to the start of the activity that closes it.",
            buckets=LATENESS_BUCKETS,
            registry=registry,
        )
        self._lead = Histogram(
            "quizrun_question_lead_seconds",
            "Time from publishing a question to its opens_at; negative if it was too late.",
            buckets=LEAD_BUCKETS,
            registry=registry,
        )
        self._scoring = Histogram(
            "quizrun_scoring_seconds",
            "Duration of scoring a question, without the settle time.",
            buckets=SCORING_BUCKETS,
            registry=registry,
        )
        self._scored = Counter("quizrun_answers_scored_total", "Answers scored.", registry=registry)
        self._late = Counter(
            "quizrun_answers_scored_late_total",
            "Answers scored with a later question than their own.",
            registry=registry,
        )

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _Measured(next, self)

    def activity_started(self, arguments: Sequence[Any]) -> None:
        """Record how late a question is closed. Retries are late for other reasons: skip them."""
        if arguments and isinstance(arguments[0], CloseInput):
            closes_at = arguments[0].closing.over_at
            if closes_at is not None and activity.info().attempt == 1:
                self._lateness.observe(max(0, now_ms() - closes_at) / 1000)

    def activity_completed(self, arguments: Sequence[Any]) -> None:
        """Record how long before its opening a question was published."""
        if not arguments or not isinstance(arguments[0], DecisionsInput):
            return
        for decision in arguments[0].decisions:
            state = decision.state
            if decision.type == "question.opened" and not state.paused and state.opens_at:
                self._lead.observe((state.opens_at - now_ms()) / 1000)

    def scored(self, answers: int, late: int, seconds: float) -> None:
        """Record the scoring of a question; see `db.scoring.Scoring`."""
        self._scoring.observe(seconds)
        self._scored.inc(answers)
        self._late.inc(late)


class _Measured(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, metrics: StepMetrics) -> None:  # noqa: A002
        super().__init__(next)
        self._metrics = metrics

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        metrics, name, began = self._metrics, activity.info().activity_type, time.perf_counter()
        outcome = "cancelled"
        metrics.in_progress.inc()
        try:
            metrics.activity_started(input.args)
            result = await super().execute_activity(input)
            metrics.activity_completed(input.args)
            outcome = "ok"
        except CancelledError:
            raise
        except Exception as error:
            outcome = "failed"
            kind = error.type if isinstance(error, ApplicationError) else None
            metrics.failures.labels(name, kind or type(error).__name__).inc()
            raise
        finally:
            metrics.in_progress.dec()
            metrics.outcomes.labels(name, outcome).inc()
            metrics.seconds.labels(name).observe(time.perf_counter() - began)
        return result
