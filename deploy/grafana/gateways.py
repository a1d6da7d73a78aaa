"""Gateways: connections, what players send, and whether it arrives in time."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row, Variable
from deploy.grafana.objectives import ANSWER_S, BUDGETS, REVEAL_S
from deploy.grafana.processes import processes
from deploy.grafana.promql import CHOSEN, FEW, quantile, quantiles, rate, seldom

JOB = "quizrun-gateways"

_CONNECTIONS = [
    Panel(
        "How many sockets does each gateway hold?",
        "Autoscalers use the sum. Very uneven: the load balancer does not spread new clients.",
        [
            Prom(
                f"sum by (instance, namespace) (quizrun_sockets{{{CHOSEN}}})",
                "{{instance}} {{namespace}}",
            )
        ],
        width=8,
    ),
    Panel(
        "Why do sessions end?",
        "`ping_timeout` and `transport_close` are networks and closed tabs; many `slow_consumer` "
        "are clients that do not read, cut off to protect the others.",
        [
            Prom(
                rate("quizrun_transport_sessions_ended_total", "reason"),
                "{{reason}}",
            )
        ],
        "ops",
        width=8,
        alerts=["QuizrunSlowClients"],
    ),
    Panel(
        "Are players told to come again later?",
        "More came at once than the gateways let in. They return by themselves; if it lasts, add "
        "gateways.",
        [Prom(rate("quizrun_turned_away_total", "instance"), "{{instance}}")],
        "cps",
        width=8,
        alerts=["QuizrunClientsTurnedAway"],
    ),
    Panel(
        "How do attempts to connect end?",
        "By namespace. `unavailable` and `fault` are ours; other codes are refusals.",
        [
            Prom(
                rate("quizrun_socket_connects_total", "namespace, outcome"),
                "{{namespace}} {{outcome}}",
            )
        ],
        "reqps",
        width=8,
        alerts=["QuizrunUnavailable"],
    ),
    Panel(
        "How long does a new player wait in line?",
        "Above a second a rush is on. It passes by itself, or more gateways are needed.",
        [Prom(f"quizrun_admission_wait_seconds{{{CHOSEN}}}", "{{instance}}")],
        "s",
        width=8,
    ),
    Panel(
        "How many messages go to clients?",
        "Counted once for each socket, with what was coalesced for lagging clients.",
        [
            Prom(rate("quizrun_socket_messages_total", "event"), "{{event}}"),
            Prom(rate("quizrun_transport_coalesced_total", "job"), "coalesced"),
        ],
        "mps",
        width=8,
    ),
]

_ANSWERS = [
    Panel(
        "Answers are acknowledged within 200 ms",
        "By gateway, the slowest one in a hundred. One gateway slow: its event loop or its "
        "connections; all slow: PostgreSQL.",
        [
            Prom(
                quantile(
                    0.99, "quizrun_socket_ack_seconds", "instance", 'event="answer"', window=FEW
                ),
                "{{instance}}",
            )
        ],
        "s",
        limit=Limit(ANSWER_S),
        alerts=["QuizrunAnswersSlow"],
    ),
    Panel(
        "What do joins, answers and syncs come to?",
        "`too_many_requests` is the rate limit of one socket; `unavailable` and `fault` are ours.",
        [Prom(rate("quizrun_socket_requests_total", "event, outcome"), "{{event}} {{outcome}}")],
        "reqps",
        alerts=["QuizrunUnavailable"],
    ),
    Panel(
        "Are queues filling?",
        "The share of places taken. When a queue is full, players are refused at once: PostgreSQL "
        "does not keep up.",
        [
            Prom(
                f"max by (queue) (quizrun_queue_items{{{CHOSEN}}}"
                f" / quizrun_queue_limit{{{CHOSEN}}})",
                "{{queue}}",
            )
        ],
        "percentunit",
        limit=Limit(0.5),
        alerts=["QuizrunQueueFilling"],
    ),
    Panel(
        "Is anything refused or given up in a queue?",
        "`refused` met a full queue, `expired` could not be written in time. The client was told "
        "either way.",
        [
            Prom(rate("quizrun_queue_refused_total", "queue"), "{{queue}} refused"),
            Prom(rate("quizrun_queue_expired_total", "queue"), "{{queue}} expired"),
        ],
        "cps",
        alerts=["QuizrunQueueFilling"],
    ),
]

_ON_TIME = [
    Panel(
        "Questions reach everyone before they open",
        "The share in time, by gateway. One gateway late: its event loop; all late: Kafka or the "
        "workers.",
        [
            Prom(
                rate("quizrun_question_skew_seconds_bucket", "instance", 'le="0.0"', window=FEW)
                + " / "
                + rate("quizrun_question_skew_seconds_count", "instance", window=FEW),
                "{{instance}}",
            )
        ],
        "percentunit",
        limit=Limit(1 - BUDGETS["questions"], "below"),
        alerts=["QuizrunQuestionsLate"],
    ),
    Panel(
        "Reveals arrive within 2 s of a question's end",
        "By gateway, the slowest one in a hundred.",
        [
            Prom(
                quantile(0.99, "quizrun_reveal_delay_seconds", "instance", window=FEW),
                "{{instance}}",
            )
        ],
        "s",
        limit=Limit(REVEAL_S),
        alerts=["QuizrunRevealsLate"],
    ),
    Panel(
        "Do rooms have to be sent snapshots?",
        "They missed events: `gap` and `reset` come from Kafka, `behind` from a comparison with "
        "PostgreSQL. Players see the right state either way.",
        [Prom(seldom("quizrun_resyncs_total", "reason"), "{{reason}}")],
        "cps",
        alerts=["QuizrunKafkaReadingInterrupted"],
    ),
    Panel(
        "Do signals to workflows fail?",
        "Reports of joins, and that all have answered. They are repeated; a question then closes "
        "by the clock.",
        [Prom(seldom("quizrun_signal_failures_total", "signal"), "{{signal}}")],
        "cps",
    ),
]

_HTTP = [
    Panel(
        "How do HTTP requests end?",
        "By status. 5xx burn the error budget; the log has them as `http.request_failed`.",
        [Prom(rate("quizrun_http_requests_total", "status"), "{{status}}")],
        "reqps",
        width=8,
        alerts=["QuizrunUnavailable"],
    ),
    Panel(
        "How long do HTTP requests take?",
        "Until the last byte was handed on; reports and media take longest.",
        quantiles("quizrun_http_request_seconds"),
        "s",
        width=8,
    ),
    Panel(
        "Do requests run into rate limits?",
        "`email` is somebody guessing passwords; `address` for everyone at once is a proxy that "
        "hides its clients' addresses.",
        [Prom(rate("quizrun_rate_limited_total", "limit"), "{{limit}}")],
        "reqps",
        width=8,
        limit=Limit(1),
        alerts=["QuizrunRateLimited"],
    ),
]

GATEWAYS = Dashboard(
    "quizrun-gateways",
    "Quizrun: Gateways",
    "Are clients served, by which gateway, and in time?",
    [
        Row("Who is connected?", _CONNECTIONS),
        Row("Are answers taken?", _ANSWERS),
        Row("Are questions and reveals on time?", _ON_TIME),
        Row("HTTP", _HTTP),
        processes(JOB),
    ],
    [Variable("instance", "Gateway", JOB)],
)
