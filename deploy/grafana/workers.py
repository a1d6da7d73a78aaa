"""Workers and Temporal: whether runs make progress."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row, Variable
from deploy.grafana.processes import processes
from deploy.grafana.promql import CHOSEN, FEW, quantile, quantiles, rate, rate_or_zero

JOB = "quizrun-workers"
ALL_STEPS = rate("quizrun_activities_total", "activity", window=FEW)
FAILED_STEPS = rate("quizrun_activities_total", "activity", 'outcome="failed"', window=FEW)

_QUEUES = [
    Panel(
        "How old is the oldest waiting task?",
        "Its run is blocked until then. Without pollers: start workers; with pollers and no free "
        "slots: add workers.",
        [
            Prom(
                "max by (queue, kind) (quizrun_task_queue_backlog_age_seconds)",
                "{{queue}} {{kind}}",
            )
        ],
        "s",
        width=8,
        limit=Limit(10),
        alerts=["QuizrunTaskQueueBacklog"],
    ),
    Panel(
        "How many tasks are waiting?",
        "Temporal's estimate. It should return to zero within seconds.",
        [Prom("max by (queue, kind) (quizrun_task_queue_backlog)", "{{queue}} {{kind}}")],
        width=8,
        alerts=["QuizrunTaskQueueBacklog"],
    ),
    Panel(
        "Who polls for tasks?",
        "Workers seen within 70 s. At zero, nobody works on that queue.",
        [Prom("max by (queue, kind) (quizrun_task_queue_pollers)", "{{queue}} {{kind}}")],
        width=8,
        alerts=["QuizrunWorkersDown"],
    ),
    Panel(
        "How many slots are free?",
        "At zero, further tasks wait. Add workers, or find the activity that does not finish.",
        [
            Prom(
                "sum by (task_queue, worker_type) "
                f"(temporal_worker_task_slots_available{{{CHOSEN}}})",
                "{{task_queue}} {{worker_type}}",
            )
        ],
        limit=Limit(1, "below"),
        alerts=["QuizrunWorkerSlotsExhausted"],
    ),
    Panel(
        "How long do workflow tasks wait for a worker?",
        "From scheduling to start. If slow without a backlog: Temporal or its database.",
        quantiles("temporal_workflow_task_schedule_to_start_latency_seconds", window=FEW),
        "s",
        alerts=["QuizrunTaskQueueBacklog"],
    ),
]

_STEPS = [
    Panel(
        "What share of steps fails?",
        "By activity. Steps are retried indefinitely while their runs wait; the errors in the next "
        "panel show which server is responsible.",
        [
            Prom(
                f"({FAILED_STEPS} or 0 * {ALL_STEPS}) / {ALL_STEPS}",
                "{{activity}}",
            )
        ],
        "percentunit",
        limit=Limit(0.1),
        alerts=["QuizrunStepsFailing"],
    ),
    Panel(
        "Why do steps fail?",
        "Failed attempts by error; logged as `step.failed` with the run.",
        [
            Prom(
                rate_or_zero("quizrun_activity_failures_total", "activity, error"),
                "{{activity}} {{error}}",
            )
        ],
        "cps",
        alerts=["QuizrunStepsFailing"],
    ),
    Panel(
        "How long do steps take?",
        "The 99th percentile by activity. Scoring grows with the number of players.",
        [Prom(quantile(0.99, "quizrun_activity_seconds", "activity", window=FEW), "{{activity}}")],
        "s",
    ),
    Panel(
        "How many steps are executed?",
        "By outcome, for the chosen workers.",
        [Prom(rate("quizrun_activities_total", "outcome"), "{{outcome}}")],
        "ops",
    ),
]

_RUNS = [
    Panel(
        "Do questions close in time?",
        "From a question's end to the step that closes it. If late: Temporal's timers, or busy "
        "workers.",
        quantiles("quizrun_timer_lateness_seconds", window=FEW),
        "s",
        limit=Limit(2),
        alerts=["QuizrunTimersLate"],
    ),
    Panel(
        "How much time is left when a question is published?",
        "The 1st percentile of lead time. Below zero, it was too late and the question was moved.",
        [Prom(quantile(0.01, "quizrun_question_lead_seconds", "", window=FEW), "smallest")],
        "s",
        limit=Limit(0, "below"),
        alerts=["QuizrunQuestionsLate"],
    ),
    Panel(
        "How long does scoring take?",
        "Without the wait for late answers. Near 2 s, reveals miss their objective.",
        quantiles("quizrun_scoring_seconds", window=FEW),
        "s",
        limit=Limit(2),
        alerts=["QuizrunRevealsLate"],
    ),
    Panel(
        "Are answers scored late?",
        "They were stored after their question was scored, and are scored with a later one. Points "
        "are correct; the reveal lacked them.",
        [
            Prom(rate("quizrun_answers_scored_total", "job"), "all"),
            Prom(rate("quizrun_answers_scored_late_total", "job"), "late"),
        ],
        "ops",
        alerts=["QuizrunAnswersScoredLate"],
    ),
]

_TEMPORAL = [
    Panel(
        "How long does Temporal take to respond?",
        "The 99th percentile by operation, without long polls.",
        [
            Prom(
                quantile(
                    0.99,
                    "temporal_request_latency_seconds",
                    "operation",
                    'operation!~"(Poll|GetWorkflowExecutionHistory).*"',
                    window=FEW,
                ),
                "{{operation}}",
            )
        ],
        "s",
    ),
    Panel(
        "Which calls to Temporal fail?",
        "By operation. If all fail, Temporal is down; signals to ended runs alone are harmless.",
        [
            Prom(
                rate_or_zero("temporal_request_failure_total", "operation"),
                "{{operation}}",
            )
        ],
        "reqps",
        alerts=["QuizrunDependencyDown"],
    ),
    Panel(
        "Do workflow tasks fail?",
        "Above zero, a run fails on our code, most likely on history written by another release. "
        "Roll back.",
        [
            Prom(
                rate_or_zero("temporal_workflow_task_execution_failed_total", "workflow_type"),
                "{{workflow_type}}",
            )
        ],
        "cps",
        width=8,
        alerts=["QuizrunWorkflowTasksFailing"],
    ),
    Panel(
        "How many workflows are cached?",
        "A task of an uncached workflow replays its whole history.",
        [Prom(f"sum by (instance) (temporal_sticky_cache_size{{{CHOSEN}}})", "{{instance}}")],
        width=8,
    ),
    Panel(
        "How many workflows complete?",
        "By type: runs and their children.",
        [
            Prom(
                rate("temporal_workflow_completed_total", "workflow_type", window=FEW),
                "{{workflow_type}}",
            )
        ],
        "ops",
        width=8,
    ),
]

WORKERS = Dashboard(
    "quizrun-workers",
    "Quizrun: Workers and Temporal",
    "Do runs make progress, and if not, what are they waiting for?",
    [
        Row("Is anything waiting for a worker?", _QUEUES),
        Row("Do steps succeed?", _STEPS),
        Row("Are runs on time?", _RUNS),
        Row("Is Temporal responding?", _TEMPORAL),
        processes(JOB),
    ],
    [Variable("instance", "Worker", JOB)],
)
