"""Redis as seen by gateways and workers."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row
from deploy.grafana.promql import quantile, rate
from deploy.grafana.servers import INSTANCES, reachability

_CALLS = [
    reachability("redis", "Redis", "Runs continue without it; questions close by the clock."),
    Panel(
        "How many calls fell back to PostgreSQL?",
        "`failed`: the call failed; `skipped`: Redis was skipped after a failure.",
        [Prom(rate("quizrun_redis_fallbacks_total", "store, reason"), "{{store}} {{reason}}")],
        "ops",
        limit=Limit(0.1),
        alerts=["QuizrunRedisFallbacks"],
    ),
    Panel(
        "How long do calls take?",
        "The 99th percentile of successful calls, by purpose.",
        [Prom(quantile(0.99, "quizrun_redis_seconds", "store"), "{{store}}")],
        "s",
        alerts=["QuizrunRedisFallbacks"],
    ),
    Panel(
        "How many calls are made?",
        "By purpose. If there are none while runs are live, callers are skipping Redis.",
        [Prom(rate("quizrun_redis_seconds_count", "store"), "{{store}}")],
        "ops",
    ),
]

REDIS = Dashboard(
    "quizrun-redis",
    "Quizrun: Redis",
    "Is Redis available, and does anything have to work without it?",
    [Row("Is it responding?", _CALLS)],
    INSTANCES,
)
