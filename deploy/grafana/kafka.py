"""Kafka as seen by workers (producers) and gateways (consumers)."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Limit, Panel, Prom, Row
from deploy.grafana.promql import CHOSEN, FEW, quantile, rate, rate_or_zero
from deploy.grafana.servers import INSTANCES, reachability

_SENDING = [
    reachability("kafka", "Kafka", "Without it, gateways compare their rooms with PostgreSQL."),
    Panel(
        "How long does a send take?",
        "Until all replicas had it, including attempts by new clients. If slow, a broker is down "
        "or its disk is busy.",
        [
            Prom(
                quantile(0.99, "quizrun_kafka_send_seconds", "topic", 'outcome="ok"', window=FEW),
                "{{topic}}",
            )
        ],
        "s",
        alerts=["QuizrunQuestionsLate"],
    ),
    Panel(
        "Do sends fail?",
        "The activity that sends retries them. If it lasts, see docs/kafka.md.",
        [
            Prom(
                rate_or_zero("quizrun_kafka_send_seconds_count", "topic", 'outcome="failed"'),
                "{{topic}} failed",
            ),
            Prom(rate("quizrun_kafka_producer_renewals_total", "job"), "{{job}} renewals"),
        ],
        "ops",
        alerts=["QuizrunStepsFailing"],
    ),
    Panel(
        "How many messages are sent?",
        "By topic. If there are none while runs are live, workers are stuck.",
        [Prom(rate("quizrun_kafka_messages_sent_total", "topic"), "{{topic}}")],
        "mps",
    ),
]

_READING = [
    Panel(
        "Who consumes run events?",
        "Down: that gateway's rooms compare themselves with PostgreSQL once a second.",
        [Prom(f"quizrun_kafka_consumer_reading{{{CHOSEN}}}", "{{instance}}")],
        "bool",
        width=8,
        limit=Limit(1, "below"),
        alerts=["QuizrunKafkaReadingInterrupted"],
    ),
    Panel(
        "How far is each gateway behind the log?",
        "Unread messages. If growing: the gateway's event loop is blocked, or it has too many "
        "rooms.",
        [Prom(f"quizrun_kafka_consumer_lag_messages{{{CHOSEN}}}", "{{instance}}")],
        width=8,
        limit=Limit(1000),
        alerts=["QuizrunKafkaLag"],
    ),
    Panel(
        "How long do messages take to arrive?",
        "From creation in a worker to arrival in a gateway, 99th percentile.",
        [
            Prom(
                quantile(0.99, "quizrun_kafka_event_delay_seconds", "instance", window=FEW),
                "{{instance}}",
            )
        ],
        "s",
        width=8,
        limit=Limit(2),
        alerts=["QuizrunKafkaLag"],
    ),
    Panel(
        "What happens to the messages?",
        "`repeated` is normal after a retry; `malformed` never is: find the producer.",
        [Prom(rate("quizrun_kafka_messages_read_total", "outcome"), "{{outcome}}")],
        "mps",
    ),
    Panel(
        "Do consumers have to restart?",
        "After a reset, all rooms are compared with PostgreSQL. If frequent, brokers or networks "
        "fail.",
        [Prom(rate("quizrun_kafka_consumer_resets_total", "instance"), "{{instance}}")],
        "cps",
        alerts=["QuizrunKafkaReadingInterrupted"],
    ),
]

KAFKA = Dashboard(
    "quizrun-kafka",
    "Quizrun: Kafka",
    "Do run events get from the workers to the gateways?",
    [Row("Are events sent?", _SENDING), Row("Are events consumed?", _READING)],
    INSTANCES,
)
