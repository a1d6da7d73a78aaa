"""The overview: whether people can play, and whether objectives are met."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row
from deploy.grafana.objectives import ANSWER_S, BUDGETS, OBJECTIVES, PAGE_BURN_RATE, REVEAL_S
from deploy.grafana.promql import FEW

_NOW = [
    Panel(
        "How many players and hosts are connected?",
        "Sockets on all gateways. If it falls while runs are live, see Gateways for which sessions "
        "ended, and why.",
        [Prom("sum by (namespace) (quizrun_sockets)", "{{namespace}}")],
        kind="stat",
        width=6,
        height=5,
    ),
    Panel(
        "How many alerts are firing?",
        "Open Alertmanager for details, and follow the runbooks. Zero is good; the watchdog, which "
        "always fires, is not counted.",
        [
            Prom(
                'count(ALERTS{alertstate="firing",alertname!="QuizrunWatchdog"}) or vector(0)',
                "firing",
            )
        ],
        kind="stat",
        width=4,
        height=5,
        limit=Limit(1),
        alerts=["QuizrunWatchdog"],
    ),
    Panel(
        "Which processes are up?",
        "Gateways and workers that Prometheus reaches. Without either, all runs stop.",
        [Prom('sum by (job) (up{job=~"quizrun-.*"})', "{{job}}")],
        kind="stat",
        width=6,
        height=5,
        limit=Limit(1, "below"),
        alerts=["QuizrunGatewaysDown", "QuizrunWorkersDown", "QuizrunInstanceDown"],
    ),
    Panel(
        "Which servers are reachable?",
        "Down: no gateway and no worker can reach it. docs/outages.md describes the effects.",
        [Prom("max by (dependency) (quizrun_dependency_up)", "{{dependency}}")],
        "bool",
        kind="stat",
        width=8,
        height=5,
        limit=Limit(1, "below"),
        alerts=["QuizrunDependencyDown", "QuizrunDependencyUnreachable"],
    ),
]


def _events_within(metric: str, bound: str, matcher: str = "") -> str:
    """Return the share of events up to a histogram's bound."""
    within = f'sum(rate({metric}_bucket{{{matcher}le="{bound}"}}[{FEW}]))'
    return f"{within} / sum(rate({metric}_count{{{matcher.rstrip(',')}}}[{FEW}]))"


_OBJECTIVES = [
    Panel(
        "How much error budget is left, at the rate of the last three days?",
        "Below zero, the objective will be missed: stop risky releases, and fix what burns the "
        "budget. The objectives are in docs/slo.md.",
        [
            Prom(
                f'1 - slo:quizrun_errors:ratio_rate3d{{slo="{one.slo}"}} / {one.budget:g}',
                one.slo,
            )
            for one in OBJECTIVES
        ],
        "percentunit",
        kind="bargauge",
        limit=Limit(0, "below"),
        alerts=[one.alert for one in OBJECTIVES],
    ),
    Panel(
        "How fast do the error budgets burn?",
        "1 uses up the month's budget in exactly a month; at 14.4 someone is paged. Follow the "
        "objective's runbook.",
        [
            Prom(
                f'slo:quizrun_errors:ratio_rate1h{{slo="{one.slo}"}} / {one.budget:g}',
                one.slo,
            )
            for one in OBJECTIVES
        ],
        limit=Limit(PAGE_BURN_RATE),
        alerts=[one.alert for one in OBJECTIVES],
    ),
    Panel(
        "Answers are acknowledged within 200 ms",
        "From arrival to acknowledgement, after the commit. If slow, check PostgreSQL first, then "
        "the event loops in Gateways.",
        [
            Prom(
                f"histogram_quantile({q}, sum by (le) "
                f'(rate(quizrun_socket_ack_seconds_bucket{{event="answer"}}[{FEW}])))',
                legend,
            )
            for q, legend in (("0.5", "half"), ("0.99", "99 %"))
        ],
        "s",
        limit=Limit(ANSWER_S),
        alerts=["QuizrunAnswersSlow"],
    ),
    Panel(
        "Questions reach everyone before they open",
        "The share of questions that all sockets of a room had at `opens_at`. If late, check "
        "Workers (lead) and Kafka (delay).",
        [Prom(_events_within("quizrun_question_skew_seconds", "0.0"), "on time")],
        "percentunit",
        limit=Limit(1 - BUDGETS["questions"], "below"),
        alerts=["QuizrunQuestionsLate"],
    ),
    Panel(
        "Reveals arrive within 2 s of a question's end",
        "Until all sockets of a room had it. If late, check Workers (timers, scoring) and Kafka.",
        [
            Prom(
                f"histogram_quantile({q}, sum by (le) "
                f"(rate(quizrun_reveal_delay_seconds_bucket[{FEW}])))",
                legend,
            )
            for q, legend in (("0.5", "half"), ("0.99", "99 %"))
        ],
        "s",
        limit=Limit(REVEAL_S),
        alerts=["QuizrunRevealsLate"],
    ),
    Panel(
        "What share of requests fails because of a server error?",
        "Client events, connections and HTTP requests that ended with `unavailable`, a fault or "
        "5xx.",
        [Prom('slo:quizrun_errors:ratio_rate5m{slo="availability"}', "failed")],
        "percentunit",
        limit=Limit(BUDGETS["availability"]),
        alerts=["QuizrunUnavailable"],
    ),
]

_LOAD = [
    Panel(
        "What do players send?",
        "Joins, answers and syncs by outcome. Outcomes other than `ok` are rejections; "
        "docs/protocol.md lists the codes.",
        [
            Prom(
                "sum by (event, outcome) (rate(quizrun_socket_requests_total[$__rate_interval]))",
                "{{event}} {{outcome}}",
            )
        ],
        "reqps",
    ),
    Panel(
        "Which releases are running?",
        "If more than one for an hour, a deployment did not finish.",
        [
            Prom(
                "label_replace(count by (role, version, revision) (quizrun_build_info), "
                '"revision", "unknown", "revision", "")',
                "{{role}} {{version}} {{revision}}",
            )
        ],
        alerts=["QuizrunVersionsDiffer"],
    ),
]

OVERVIEW = Dashboard(
    "quizrun-overview",
    "Quizrun: Overview",
    "Can people play, and are the objectives met? Start here.",
    [
        Row("Can people play?", _NOW),
        Row("Are the objectives met?", _OBJECTIVES),
        Row("What is going on?", _LOAD),
    ],
)
