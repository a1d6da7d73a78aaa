"""One run, told by its log lines: metrics have no ids of runs."""

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
        "Log lines by event. A question that opened and was not scored stands still: look for its "
        "steps below.",
        [Elastic(THIS_RUN, by="event.action")],
    ),
    Panel(
        "Which processes worked on it?",
        "Lines by process. A change of worker in the middle is a restart or a failover.",
        [Elastic(THIS_RUN, by="service.node.name")],
    ),
    Panel(
        "How did the players come?",
        "One line whenever their number has doubled on a gateway, by gateway.",
        [Elastic(_only("players.joined"), value="quizrun.players", by="service.node.name")],
    ),
    Panel(
        "How long did scoring take?",
        "Per question, the wait for late answers included. When it grows with the questions, look "
        "at PostgreSQL.",
        [Elastic(_only("question.scored"), "scoring", value="quizrun.duration_ms")],
        "ms",
    ),
]

_DETAILS = [
    Panel(
        "How did each question go?",
        "Who answered, who was scored, and which answers came too late for their own reveal.",
        [Elastic(_only("question.scored"), columns=QUESTION_COLUMNS)],
        kind="table",
        alerts=["QuizrunAnswersScoredLate"],
    ),
    Panel(
        "What went wrong?",
        "Failed steps, gaps in the event stream and refused commands. Steps are repeated: one that "
        "recovered needs nothing.",
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
