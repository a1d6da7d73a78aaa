"""Workers and Temporal: whether runs move, and what they wait for."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row, Variable
from deploy.grafana.processes import processes
from deploy.grafana.promql import CHOSEN, FEW, quantile, quantiles, rate, seldom

JOB = "quizrun-workers"
ALL_STEPS = rate("quizrun_activities_total", "activity", window=FEW)
FAILED_STEPS = rate("quizrun_activities_total", "activity", 'outcome="failed"', window=FEW)

_QUEUES = [
    Panel(
        "How old is the oldest task that nobody has taken?",
        "Its run stands still meanwhile. No pollers: start workers; pollers and full slots: add "
        "workers.",
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
        "How many tasks wait?",
        "As Temporal estimates it. It should fall back to zero within seconds.",
        [Prom("max by (queue, kind) (quizrun_task_queue_backlog)", "{{queue}} {{kind}}")],
        width=8,
        alerts=["QuizrunTaskQueueBacklog"],
    ),
    Panel(
        "Who asks for tasks?",
        "Workers seen within 70 s. Zero of a queue that runs need: nobody works on it.",
        [Prom("max by (queue, kind) (quizrun_task_queue_pollers)", "{{queue}} {{kind}}")],
        width=8,
        alerts=["QuizrunWorkersDown"],
    ),
    Panel(
        "How many slots are free?",
        "At zero further tasks wait. Add workers, or find out which step does not end.",
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
        "From their making to their start. Slow without a backlog: Temporal or its database.",
        quantiles("temporal_workflow_task_schedule_to_start_latency_seconds", window=FEW),
        "s",
        alerts=["QuizrunTaskQueueBacklog"],
    ),
]

_STEPS = [
    Panel(
        "Which share of steps fails?",
        "By activity. Steps are repeated without end, and their runs wait: the errors beside say "
        "which server is to blame.",
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
        "Failed tries by error; the log has them as `step.failed` with the run.",
        [
            Prom(
                seldom("quizrun_activity_failures_total", "activity, error"),
                "{{activity}} {{error}}",
            )
        ],
        "cps",
        alerts=["QuizrunStepsFailing"],
    ),
    Panel(
        "How long do steps take?",
        "The slowest one in a hundred, by activity. Scoring grows with the players of a run.",
        [Prom(quantile(0.99, "quizrun_activity_seconds", "activity", window=FEW), "{{activity}}")],
        "s",
    ),
    Panel(
        "How many steps are done?",
        "By outcome, over the chosen workers.",
        [Prom(rate("quizrun_activities_total", "outcome"), "{{outcome}}")],
        "ops",
    ),
]

_RUNS = [
    Panel(
        "Do questions close in time?",
        "From a question's end to the step that closes it. Late: Temporal's timers, or workers "
        "that are busy.",
        quantiles("quizrun_timer_lateness_seconds", window=FEW),
        "s",
        limit=Limit(2),
        alerts=["QuizrunTimersLate"],
    ),
    Panel(
        "How much time is left when a question is published?",
        "The smallest lead of a hundred questions. Below zero it was too late, and the "
        "question was moved.",
        [Prom(quantile(0.01, "quizrun_question_lead_seconds", "", window=FEW), "smallest")],
        "s",
        limit=Limit(0, "below"),
        alerts=["QuizrunQuestionsLate"],
    ),
    Panel(
        "How long does scoring take?",
        "Without the wait for late answers. Near 2 s reveals miss their objective.",
        quantiles("quizrun_scoring_seconds", window=FEW),
        "s",
        limit=Limit(2),
        alerts=["QuizrunRevealsLate"],
    ),
    Panel(
        "Are answers scored with a later question?",
        "They were stored after their question had been scored. Points are right; the reveal "
        "lacked them.",
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
        "How long does Temporal take to answer?",
        "By operation, the slowest one in a hundred; long polls are left out.",
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
        "By operation. All of them: Temporal is away; only signals of ended runs: harmless.",
        [
            Prom(
                seldom("temporal_request_failure_total", "operation"),
                "{{operation}}",
            )
        ],
        "reqps",
        alerts=["QuizrunDependencyDown"],
    ),
    Panel(
        "Do workflow tasks fail?",
        "More than none: a run stumbles over our own code, most likely over history that another "
        "release wrote. Roll back.",
        [
            Prom(
                seldom("temporal_workflow_task_execution_failed_total", "workflow_type"),
                "{{workflow_type}}",
            )
        ],
        "cps",
        width=8,
        alerts=["QuizrunWorkflowTasksFailing"],
    ),
    Panel(
        "How many workflows are cached?",
        "A task of a workflow that is not cached is replayed from its whole history.",
        [Prom(f"sum by (instance) (temporal_sticky_cache_size{{{CHOSEN}}})", "{{instance}}")],
        width=8,
    ),
    Panel(
        "How many workflows complete?",
        "By type; runs and what they start.",
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
    "Do runs move, and if not, what do they wait for?",
    [
        Row("Does anything wait for a worker?", _QUEUES),
        Row("Do steps succeed?", _STEPS),
        Row("Are runs on time?", _RUNS),
        Row("Does Temporal answer?", _TEMPORAL),
        processes(JOB),
    ],
    [Variable("instance", "Worker", JOB)],
)
