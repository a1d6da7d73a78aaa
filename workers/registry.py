"""The workflows and activities of a worker process, by task queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import (
    Interceptor,
    PollerBehaviorAutoscaling,
    UnsandboxedWorkflowRunner,
    Worker,
)

from activities.closing import ClosingActivities
from activities.decisions import DecisionActivities
from activities.facts import FactsCache
from activities.first_release import FirstReleaseActivities
from activities.publisher import SnapshotPublisher
from activities.scoring import ScoringActivities
from activities.standings import StandingsActivities
from bus.producer import Producer
from db.redis import Projection
from db.stores import PlayStores
from telemetry.tracing import Tracing
from workers.error_reports import ErrorReports
from workers.interceptors import HEARTBEAT_S, BoundedErrors, Heartbeats
from workers.log_context import LogContext
from workers.metrics import StepMetrics
from workers.settings import WorkerSettings
from workers.tracing import QuestionTraces
from workflows import contract
from workflows.quiz_run import QuizRun

LOCAL_STEPS = 100
"""The maximum number of workflow tasks, each with one local step, that a worker has in hand: no
more than it can carry out within their timeout."""

HEARTBEAT_EVERY = timedelta(seconds=HEARTBEAT_S)
"""By default the SDK sends a heartbeat only after four fifths of the heartbeat timeout. On a busy
machine it then arrives too late: Temporal takes a slow activity for lost and runs it again."""
POLLERS = PollerBehaviorAutoscaling(initial=10, minimum=5, maximum=50)
"""On a busy machine each poll takes long. With the SDK's five pollers, tasks of runs that start or
end together then wait for a poll, although the worker has free slots."""


@dataclass(frozen=True)
class Activities:
    """All activities, wired to their clients."""

    decisions: DecisionActivities
    closing: ClosingActivities
    scoring: ScoringActivities
    standings: StandingsActivities
    first_release: FirstReleaseActivities
    projections: Mapping[str, Projection]
    """The stores with a fallback for Redis, by name."""

    def of_runs(self) -> list[Callable[..., Any]]:
        """Return the activities of the task queue `quiz-run`, including local ones."""
        return [
            self.decisions.publish_decisions,
            self.closing.close_question,
            self.scoring.score_answers,
            self.standings.publish_standings,
            self.standings.finish_run,
            self.first_release.open_question,
            self.first_release.publish_events,
        ]

    def of_scoring(self) -> list[Callable[..., Any]]:
        """Return the activities of the task queue `quiz-scoring`."""
        return [self.closing.close_question, self.scoring.score_answers]


def build_activities(stores: PlayStores, producer: Producer, *, settle_ms: int) -> Activities:
    """Wire the activities to their stores and to the event stream."""
    runs, leaderboard = stores.runs, stores.leaderboard
    facts = FactsCache(runs)
    publisher = SnapshotPublisher(runs, stores.run_states, producer)
    decisions = DecisionActivities(facts, runs, stores.players, leaderboard, publisher)
    scorer = ScoringActivities(facts, stores.scoring, publisher, settle_ms=settle_ms)
    ranker = StandingsActivities(
        facts,
        stores.scoring,
        stores.moderation,
        leaderboard,
        publisher,
        producer,
    )
    return Activities(
        decisions=decisions,
        closing=ClosingActivities(scorer, ranker),
        scoring=scorer,
        standings=ranker,
        first_release=FirstReleaseActivities(facts, publisher, decisions),
        projections={"leaderboard": leaderboard, "run_state": stores.run_states},
    )


def build_workers(
    client: Client,
    settings: WorkerSettings,
    activities: Activities,
    steps: StepMetrics | None = None,
    tracing: Tracing | None = None,
) -> list[Worker]:
    """Build a worker for runs and one for scoring, so that large runs do not delay others."""
    interceptors: list[Interceptor] = [LogContext(), ErrorReports()]
    if tracing is not None:
        interceptors.append(QuestionTraces(tracing))
    if steps is not None:
        interceptors.append(steps)
    interceptors += [BoundedErrors(), Heartbeats()]
    shutdown = timedelta(seconds=settings.graceful_shutdown_s)
    runs = Worker(
        client,
        task_queue=contract.RUN_QUEUE,
        workflows=[QuizRun],
        activities=activities.of_runs(),
        # Tests run the same code in the SDK's sandbox, which refuses what would not replay. Here it
        # would take a sixth of the worker's CPU.
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=interceptors,
        # Local steps mostly wait: for late answers, and for their turn at the database.
        max_concurrent_workflow_tasks=LOCAL_STEPS,
        max_concurrent_local_activities=LOCAL_STEPS,
        max_concurrent_activities=settings.max_concurrent_activities,
        workflow_task_poller_behavior=POLLERS,
        activity_task_poller_behavior=POLLERS,
        max_heartbeat_throttle_interval=HEARTBEAT_EVERY,
        graceful_shutdown_timeout=shutdown,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_timeout_s),
        identity=settings.process_name,
    )
    scoring = Worker(
        client,
        task_queue=contract.SCORING_QUEUE,
        activities=activities.of_scoring(),
        interceptors=interceptors,
        max_concurrent_activities=settings.max_concurrent_activities,
        max_heartbeat_throttle_interval=HEARTBEAT_EVERY,
        graceful_shutdown_timeout=shutdown,
        identity=settings.process_name,
    )
    return [runs, scoring]
