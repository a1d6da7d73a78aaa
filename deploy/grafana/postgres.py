"""PostgreSQL as seen by gateways and workers."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row
from deploy.grafana.promql import CHOSEN, FEW, quantile, quantiles, rate
from deploy.grafana.servers import INSTANCES, reachability

_STATEMENTS = [
    reachability(
        "postgres",
        "PostgreSQL",
        "Without it, no answer is accepted and no question is opened or scored.",
    ),
    Panel(
        "How long do statements take?",
        "For the chosen processes. If slow, look for locks, a missing index, a busy disk.",
        quantiles("quizrun_db_statement_seconds"),
        "s",
        alerts=["QuizrunAnswersSlow"],
    ),
    Panel(
        "How many statements run?",
        "By process. Grows with batches, not players.",
        [Prom(rate("quizrun_db_statement_seconds_count", "instance"), "{{instance}}")],
        "ops",
    ),
    Panel(
        "Which errors does the database return?",
        "`transient` is retried (connections, serialization); `other` is a bug, and in the log.",
        [Prom(rate("quizrun_db_errors_total", "kind"), "{{kind}}")],
        "cps",
        alerts=["QuizrunUnavailable"],
    ),
]

_POOLS = [
    Panel(
        "How long do requests wait for a connection?",
        "The 99th percentile. Above the line, the pool is too small or statements are slow.",
        [
            Prom(
                quantile(0.99, "quizrun_db_pool_wait_seconds", "instance"),
                "{{instance}}",
            )
        ],
        "s",
        limit=Limit(0.5),
        alerts=["QuizrunDatabasePoolExhausted"],
    ),
    Panel(
        "How full are the pools?",
        "Connections in use relative to the maximum. If full for long, enlarge the pool within the "
        "server's max_connections.",
        [
            Prom(
                f'sum by (instance) (quizrun_db_pool_connections{{{CHOSEN},state="in_use"}})'
                f" / sum by (instance) (quizrun_db_pool_size{{{CHOSEN}}})",
                "{{instance}}",
            )
        ],
        "percentunit",
        alerts=["QuizrunDatabasePoolExhausted"],
    ),
]

_BATCHES = [
    Panel(
        "How long does it take to write a batch?",
        "Answers and joins are written in batches; an acknowledgement waits for its batch.",
        [Prom(quantile(0.99, "quizrun_batch_seconds", "queue", window=FEW), "{{queue}}")],
        "s",
        width=8,
        alerts=["QuizrunAnswersSlow"],
    ),
    Panel(
        "How large are batches?",
        "The mean. Batches grow with load: each takes longer, but costs less per answer.",
        [
            Prom(
                rate("quizrun_batch_items_sum", "queue", window=FEW)
                + " / "
                + rate("quizrun_batch_items_count", "queue", window=FEW),
                "{{queue}}",
            )
        ],
        width=8,
    ),
    Panel(
        "Are batches retried?",
        "Retries are due to an outage. Nothing is lost; answers wait until it ends.",
        [Prom(rate("quizrun_batch_retries_total", "queue"), "{{queue}}")],
        "cps",
        width=8,
        alerts=["QuizrunDependencyDown"],
    ),
]

POSTGRES = Dashboard(
    "quizrun-postgres",
    "Quizrun: PostgreSQL",
    "Is the database fast enough, and are there enough connections?",
    [
        Row("Is it responding?", _STATEMENTS),
        Row("Are there enough connections?", _POOLS),
        Row("Are answers stored quickly?", _BATCHES),
    ],
    INSTANCES,
)
