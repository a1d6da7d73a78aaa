"""One run from its log lines, since metrics have no run ids."""

from __future__ import annotations

from deploy.grafana.model import Dashboard, Elastic, Panel, Row, Variable

THIS_RUN = 'quizrun.run_id:"$run_id"'
QUESTION_COLUMNS = (
    *("@timestamp", "quizrun.question", "quizrun.answered", "quizrun.scored", "quizrun.late"),
    *("quizrun.duration_ms", "service.node.name"),
)
TROUBLE_COLUMNS = (
    *("@timestamp", "log.level", "event.action", "service.node.name", "quizrun.activity"),
    *("quizrun.attempt", "error.code", "error.type"),
)


def _only(*actions: str) -> str:
    return f"{THIS_RUN} AND event.action:({' OR '.join(actions)})"


_COURSE = [
    Panel(
        "What happened when?",
        "Log lines by event. A question that opened and was not scored is stuck: check its steps "
        "below.",
        [Elastic(THIS_RUN, by="event.action")],
    ),
    Panel(
        "Which processes worked on it?",
        "Lines by process. A change of worker during the run is a restart or failover.",
        [Elastic(THIS_RUN, by="service.node.name")],
    ),
    Panel(
        "When did players join?",
        "A line whenever their number doubled on a gateway, by gateway.",
        [Elastic(_only("players.joined"), value="quizrun.players", by="service.node.name")],
    ),
    Panel(
        "How long did scoring take?",
        "Per question, including the wait for late answers. If it grows from question to question, "
        "check PostgreSQL.",
        [Elastic(_only("question.scored"), "scoring", value="quizrun.duration_ms")],
        "ms",
    ),
]

_DETAILS = [
    Panel(
        "How did each question go?",
        "Answers, scored answers, and answers that arrived too late for their reveal.",
        [Elastic(_only("question.scored"), columns=QUESTION_COLUMNS)],
        kind="table",
        alerts=["QuizrunAnswersScoredLate"],
    ),
    Panel(
        "What went wrong?",
        "Failed steps, gaps in the event stream and rejected commands. Steps are retried: one that "
        "recovered needs no action.",
        [
            Elastic(
                _only("step.failed", "step.recovered", "room.gap", "run.command_refused"),
                columns=TROUBLE_COLUMNS,
            )
        ],
        kind="table",
        alerts=["QuizrunStepsFailing"],
    ),
    Panel(
        "The whole story, in order",
        "All lines of the run across gateways and workers; docs/logging.md lists the events.",
        [Elastic(THIS_RUN)],
        kind="logs",
        width=24,
        height=14,
    ),
]

RUN = Dashboard(
    "quizrun-run",
    "Quizrun: One run",
    "What happened to one run? Enter its id, as `quizrun runs list` shows it.",
    [Row("How did it go?", _COURSE), Row("In detail", _DETAILS)],
    [Variable("run_id", "Run id")],
)
