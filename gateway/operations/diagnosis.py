"""Diagnose why a run is in its current state, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from gateway.operations.report import RunReport
from quiz.run import Phase
from quiz.stalling import STALLED_AFTER_MS
from workflows import contract

Verdict = Literal["fine", "waits", "stalled", "over"]
NO_WORKER_MS = 5_000
"""A workflow task that waits this long has no worker to take it."""
FAILING_ATTEMPTS = 3
"""More attempts of a step than the replacement of a worker explains."""

FIND_WORKER = (
    "Check each worker with a timeout: `curl -m 3 http://WORKER/readyz`. No response: it hangs; "
    "kill it, and its supervisor starts another. A response names the server that it waits for. "
    "Connection refused: it is not running; start it."
)

_SERVER_NAMES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "kafka": "Kafka",
    "temporal": "Temporal",
}


class Diagnosis(BaseModel):
    """`cause` is a stable code for programs; `sentence` and `advice` are for people."""

    verdict: Verdict
    cause: str
    sentence: str
    advice: str = ""


def diagnose(report: RunReport) -> Diagnosis:
    """Return the first explanation of the run's state, most fundamental causes first."""
    for found in _causes(report):
        return found
    late = report.overdue_ms
    return Diagnosis(
        verdict="stalled",
        cause="unknown",
        sentence=f"The run is {_seconds(late)} late, for no known reason.",
        advice="Check again in half a minute: Temporal takes some time to notice that a worker "
        "is gone. Then search the workers' logs for the run's id.",
    )


def quick_diagnosis(report: RunReport) -> Diagnosis:
    """Diagnose from PostgreSQL alone, for lists: whether, not why, a run has stalled."""
    for found in (*_over(report), *_waiting(report)):
        return found
    if report.overdue_ms > STALLED_AFTER_MS:
        return Diagnosis(
            verdict="stalled",
            cause="overdue",
            sentence=f"The run is {_seconds(report.overdue_ms)} late.",
            advice=f"`quizrun runs show {report.run_id}` says why.",
        )
    return Diagnosis(verdict="fine", cause="in_time", sentence=_in_time(report))


def _causes(report: RunReport) -> Iterator[Diagnosis]:
    yield from _over(report)
    yield from _servers(report)
    yield from _workflow(report)
    yield from _workers(report)
    yield from _steps(report)
    yield from _projections(report)
    yield from _waiting(report)
    if report.overdue_ms <= STALLED_AFTER_MS:
        yield Diagnosis(verdict="fine", cause="in_time", sentence=_in_time(report))


def _over(report: RunReport) -> Iterator[Diagnosis]:
    if report.finished_at is not None:
        sentence = f"The run is over: {report.phase} at {_clock(report.finished_at)}."
        yield Diagnosis(verdict="over", cause="over", sentence=sentence)


def _servers(report: RunReport) -> Iterator[Diagnosis]:
    down = {server.name for server in report.servers if not server.ok}
    if "postgres" in down:
        yield Diagnosis(
            verdict="stalled",
            cause="postgres_away",
            sentence="PostgreSQL is unavailable: players' answers are rejected after 10 s, and "
            "every step of the run is retried until it is back.",
            advice="Restore PostgreSQL; the run then continues automatically.",
        )
    if "temporal" in down:
        yield Diagnosis(
            verdict="stalled",
            cause="temporal_away",
            sentence="Temporal is unavailable: open questions keep accepting answers, but no "
            "question opens, closes or is revealed.",
            advice="Restore Temporal; overdue timers then fire at once.",
        )
    if "kafka" in down:
        yield Diagnosis(
            verdict="stalled",
            cause="kafka_away",
            sentence="Kafka is unavailable: an open question continues and closes on time, but the "
            "reveal and the next question wait." + _failing(report),
            advice="Restore the brokers; the run then continues within seconds.",
        )


def _workflow(report: RunReport) -> Iterator[Diagnosis]:
    if not report.temporal_asked:
        return
    workflow = report.workflow
    if workflow is None or not workflow.running:
        state = "does not exist" if workflow is None else f"is {workflow.status}"
        yield Diagnosis(
            verdict="stalled",
            cause="no_workflow",
            sentence=f"PostgreSQL has a live run, but its workflow {state}, so it cannot advance.",
            advice=f"`quizrun runs repair {report.run_id} --workflow --apply` starts a new one "
            "from the stored state, paused.",
        )
    elif workflow.details.get("Version", "").isdecimal() and (
        (own := int(workflow.details["Version"])) < report.version
    ):
        yield Diagnosis(
            verdict="stalled",
            cause="workflow_behind",
            sentence=f"The workflow is at version {own}, PostgreSQL at {report.version}: Temporal "
            "was restored to an earlier time, so the workflow's decisions count as duplicates.",
            advice=f"`quizrun runs repair {report.run_id} --workflow --replace --apply` starts a "
            "new workflow from the stored state, paused.",
        )


def _workers(report: RunReport) -> Iterator[Diagnosis]:
    workflow = report.workflow
    if workflow is None:
        return
    unclaimed = any(step.state == "scheduled" and step.attempt == 1 for step in workflow.steps)
    late = report.overdue_ms > STALLED_AFTER_MS
    if workflow.task_waits_ms > NO_WORKER_MS or (unclaimed and not workflow.details and late):
        seen = ", ".join(report.workers) or "none"
        yield Diagnosis(
            verdict="stalled",
            cause="no_worker",
            sentence=f"No worker polls the queue `{contract.RUN_QUEUE}` (seen in the last minutes: "
            f"{seen}): the workflow has been waiting for "
            f"{_seconds(max(workflow.task_waits_ms, report.overdue_ms))}.",
            advice=FIND_WORKER,
        )
    if 0 < workflow.task_attempt < FAILING_ATTEMPTS and not workflow.details and late:
        yield Diagnosis(
            verdict="stalled",
            cause="worker_silent",
            sentence="A worker took the run's task and does not respond (attempt "
            f"{workflow.task_attempt}): it hangs or is overloaded.",
            advice=FIND_WORKER,
        )
    if workflow.task_attempt >= FAILING_ATTEMPTS:
        yield Diagnosis(
            verdict="stalled",
            cause="workflow_task_fails",
            sentence=f"The workflow's code fails: its task is at attempt {workflow.task_attempt}.",
            advice="Search the workers' logs for `Failed activation` or a traceback with this run "
            "id; a worker of the release that opened the run can continue it.",
        )


def _steps(report: RunReport) -> Iterator[Diagnosis]:
    workflow = report.workflow
    for step in workflow.steps if workflow else []:
        if step.attempt >= FAILING_ATTEMPTS:
            yield Diagnosis(
                verdict="stalled",
                cause="step_fails",
                sentence=f"The step `{step.name}` fails at attempt {step.attempt}: "
                f"{(step.last_failure or 'no reason given').rstrip('.')}.",
                advice="It is retried every 2 s; the run continues once the cause is fixed.",
            )


def _projections(report: RunReport) -> Iterator[Diagnosis]:
    published = report.published
    if published is not None and published.version < report.version and report.overdue_ms > 0:
        yield Diagnosis(
            verdict="stalled",
            cause="not_published",
            sentence=f"PostgreSQL is at version {report.version}, but the last event on Kafka has "
            f"version {published.version}.",
            advice=f"`quizrun runs repair {report.run_id} --events --apply` publishes it again.",
        )


def _waiting(report: RunReport) -> Iterator[Diagnosis]:
    ends = _ends(report)
    if report.paused:
        yield Diagnosis(
            verdict="waits",
            cause="paused",
            sentence=f"The run has been paused since {_clock(report.paused_at)} and waits for its "
            f"host to resume it.{ends}",
            advice="Nothing is wrong. To resume it for the host: "
            f"`quizrun runs resume {report.run_id}`.",
        )
    elif report.phase == Phase.LOBBY:
        yield Diagnosis(
            verdict="waits",
            cause="lobby",
            sentence=f"The lobby is open and waits for its host to start.{ends}",
            advice="Nothing is wrong.",
        )
    elif report.phase == Phase.REVEAL and not report.auto_advance and not report.scoring:
        yield Diagnosis(
            verdict="waits",
            cause="host",
            sentence=f"Question {report.question} of {report.question_count} is revealed, and the "
            f"run waits for its host's `next`.{ends}",
            advice="Nothing is wrong: the host has turned off automatic advance.",
        )


def _ends(report: RunReport) -> str:
    """Say when an idle run ends; for a reveal, only the workflow knows."""
    at = _clock(report.expires_at) if report.expires_at else None
    if at is None and report.workflow is not None:
        at = report.workflow.details.get("Ends if left alone", "none")
    return f" It ends at {at} otherwise." if at and at != "none" else ""


def _in_time(report: RunReport) -> str:
    doing = {
        Phase.STARTING: "The countdown is running",
        Phase.QUESTION: f"Question {report.question} of {report.question_count} is open",
        Phase.REVEAL: f"Question {report.question} of {report.question_count} is revealed",
    }.get(Phase(report.phase), "The run is live")
    if report.expected_at is None:
        return f"{doing}; nothing is overdue."
    return f"{doing}; the run advances automatically at about {_clock(report.expected_at)}."


def _failing(report: RunReport) -> str:
    for step in report.workflow.steps if report.workflow else []:
        if step.attempt > 1:
            return f" The step `{step.name}` is at attempt {step.attempt}."
    return ""


def server_name(name: str) -> str:
    """Return the display name of a server."""
    return _SERVER_NAMES.get(name, name)


def _clock(at: int | None) -> str:
    if at is None:
        return "an unknown time"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _seconds(duration_ms: int) -> str:
    if duration_ms < 120_000:
        return f"{duration_ms / 1000:.0f} s"
    return f"{duration_ms / 60_000:.0f} min"
