"""Redis as gateways and workers see it."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row
from deploy.grafana.promql import quantile, rate
from deploy.grafana.servers import INSTANCES, reached

_CALLS = [
    reached("redis", "Redis", "Runs go on without it; questions close by the clock."),
    Panel(
        "How many calls did without Redis?",
        "`failed` tried, `skipped` left it alone after a failure. PostgreSQL carries them.",
        [Prom(rate("quizrun_redis_fallbacks_total", "store, reason"), "{{store}} {{reason}}")],
        "ops",
        limit=Limit(0.1),
        alerts=["QuizrunRedisFallbacks"],
    ),
    Panel(
        "How long do calls take?",
        "The slowest one in a hundred of those that succeeded, by what they are for.",
        [Prom(quantile(0.99, "quizrun_redis_seconds", "store"), "{{store}}")],
        "s",
        alerts=["QuizrunRedisFallbacks"],
    ),
    Panel(
        "How many calls are there?",
        "By what they are for. None while runs are live: callers have given up on Redis.",
        [Prom(rate("quizrun_redis_seconds_count", "store"), "{{store}}")],
        "ops",
    ),
]

REDIS = Dashboard(
    "quizrun-redis",
    "Quizrun: Redis",
    "Is Redis there, and does anything have to do without it?",
    [Row("Does it answer?", _CALLS)],
    INSTANCES,
)
