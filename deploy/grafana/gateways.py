"""Gateways: connections, client events, and punctuality."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row, Variable
from deploy.grafana.objectives import ANSWER_S, BUDGETS, REVEAL_S
from deploy.grafana.processes import processes
from deploy.grafana.promql import CHOSEN, FEW, quantile, quantiles, rate, rate_or_zero

JOB = "quizrun-gateways"

_CONNECTIONS = [
    Panel(
        "How many sockets does each gateway hold?",
        "Autoscalers use the sum. If uneven, the load balancer does not distribute new clients.",
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
        "are clients that do not read fast enough and are disconnected to protect the others; "
        "`too_many_packets`, `too_many_refusals` and `join_timeout` are attacks or broken clients.",
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
        "Are connections refused?",
        "`network_full`: more than `QUIZRUN_MAX_SOCKETS_PER_ADDRESS` from one network, which may "
        "be a proxy that is not trusted; `server_full`: more than `QUIZRUN_MAX_SOCKETS`.",
        [Prom(rate("quizrun_transport_sessions_refused_total", "reason"), "{{reason}}")],
        "cps",
        width=8,
        alerts=["QuizrunSocketsRefused"],
    ),
    Panel(
        "Are players asked to retry later?",
        "More players arrived at once than the gateways admit. They retry automatically; if it "
        "lasts, add gateways.",
        [Prom(rate("quizrun_turned_away_total", "instance"), "{{instance}}")],
        "cps",
        width=8,
        alerts=["QuizrunClientsTurnedAway"],
    ),
    Panel(
        "How do attempts to connect end?",
        "By namespace. `unavailable` and `fault` are ours; other codes are rejections.",
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
        "Above a second, many players are arriving at once. If it lasts, add gateways.",
        [Prom(f"quizrun_admission_wait_seconds{{{CHOSEN}}}", "{{instance}}")],
        "s",
        width=8,
    ),
    Panel(
        "How many messages go to clients?",
        "Counted once per socket, including messages coalesced for slow clients.",
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
        "The 99th percentile by gateway. If one gateway is slow: its event loop or its "
        "connections; if all are slow: PostgreSQL.",
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
        "What are the outcomes of joins, answers and syncs?",
        "`too_many_requests` is the rate limit of a socket; `unavailable` and `fault` are ours.",
        [Prom(rate("quizrun_socket_requests_total", "event, outcome"), "{{event}} {{outcome}}")],
        "reqps",
        alerts=["QuizrunUnavailable"],
    ),
    Panel(
        "Are queues filling?",
        "The share of places taken. When a queue is full, players are rejected at once: PostgreSQL "
        "cannot keep up.",
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
        "Does a queue reject or expire requests?",
        "`refused`: the queue was full; `expired`: it could not be written in time. The client was "
        "informed in both cases.",
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
        "The share in time, by gateway. If one gateway is late: its event loop; if all are late: "
        "Kafka or the workers.",
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
        "The 99th percentile by gateway.",
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
        "Do rooms have to be resynchronised?",
        "They missed events: `gap` and `reset` come from Kafka, `behind` from a comparison with "
        "PostgreSQL. Players see the right state either way.",
        [Prom(rate_or_zero("quizrun_resyncs_total", "reason"), "{{reason}}")],
        "cps",
        alerts=["QuizrunKafkaReadingInterrupted"],
    ),
    Panel(
        "Do signals to workflows fail?",
        "Reports of joins, and that everyone has answered. They are retried; until then, questions "
        "close by the clock.",
        [Prom(rate_or_zero("quizrun_signal_failures_total", "signal"), "{{signal}}")],
        "cps",
    ),
]

_HTTP = [
    Panel(
        "How do HTTP requests end?",
        "By status. 5xx burn the error budget; they are logged as `http.request_failed`.",
        [Prom(rate("quizrun_http_requests_total", "status"), "{{status}}")],
        "reqps",
        width=8,
        alerts=["QuizrunUnavailable"],
    ),
    Panel(
        "How long do HTTP requests take?",
        "Until the last byte of the response; reports and media take longest.",
        quantiles("quizrun_http_request_seconds"),
        "s",
        width=8,
    ),
    Panel(
        "Do requests run into rate limits?",
        "`email`: someone is guessing passwords; `address` for everyone at once: a proxy hides the "
        "clients' addresses.",
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
        Row("Are answers accepted?", _ANSWERS),
        Row("Are questions and reveals on time?", _ON_TIME),
        Row("HTTP", _HTTP),
        processes(JOB),
    ],
    [Variable("instance", "Gateway", JOB)],
)
