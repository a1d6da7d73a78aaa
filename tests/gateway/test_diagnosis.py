"""Each cause is derived from the stores, in order of precedence."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.operations.diagnosis import diagnose, quick_diagnosis
from gateway.operations.report import PublishedEvent, RunReport, ServerView
from gateway.operations.workflow_view import PendingStep, WorkflowView

UP = [ServerView(name=name, ok=True, ms=1) for name in ("postgres", "redis", "kafka", "temporal")]
RUNNING = WorkflowView(status="running", workflow_run_id="w", details={"Version": "7"})
LATE_MS = 60_000


def report(**changes: Any) -> RunReport:
    fields: dict[str, Any] = {
        "run_id": "run",
        "phase": "question",
        "question": 1,
        "question_count": 3,
        "version": 7,
        "servers": UP,
        "workflow": RUNNING,
        "temporal_asked": True,
        "expected_at": 1_000,
    }
    return RunReport(**{**fields, **changes})


def without(name: str) -> list[ServerView]:
    return [one.model_copy(update={"ok": one.name != name}) for one in UP]


def workflow(**changes: Any) -> WorkflowView:
    return RUNNING.model_copy(update=changes)


CLOSING = PendingStep(name="close_question", attempt=4, state="started", last_failure="Away.")


@pytest.mark.parametrize(
    ("cause", "verdict", "changes"),
    [
        ("in_time", "fine", {}),
        ("in_time", "fine", {"overdue_ms": 5_000}),
        ("over", "over", {"finished_at": 1, "servers": without("postgres")}),
        ("postgres_away", "stalled", {"servers": without("postgres")}),
        ("temporal_away", "stalled", {"servers": without("temporal"), "temporal_asked": False}),
        ("kafka_away", "stalled", {"servers": without("kafka")}),
        ("in_time", "fine", {"servers": without("redis")}),
        ("no_workflow", "stalled", {"workflow": None}),
        ("no_workflow", "stalled", {"workflow": workflow(status="terminated"), "paused": True}),
        ("workflow_behind", "stalled", {"workflow": workflow(details={"Version": "3"})}),
        ("no_worker", "stalled", {"workflow": workflow(task_waits_ms=9_000, details={})}),
        (
            "worker_silent",
            "stalled",
            {"workflow": workflow(task_attempt=2, details={}), "overdue_ms": LATE_MS},
        ),
        ("workflow_task_fails", "stalled", {"workflow": workflow(task_attempt=5)}),
        ("step_fails", "stalled", {"workflow": workflow(steps=[CLOSING]), "overdue_ms": LATE_MS}),
        (
            "not_published",
            "stalled",
            {"published": PublishedEvent(type="x", version=5), "overdue_ms": 1},
        ),
        ("paused", "waits", {"paused": True, "paused_at": 1, "expected_at": None}),
        ("lobby", "waits", {"phase": "lobby", "expected_at": None}),
        ("host", "waits", {"phase": "reveal", "auto_advance": False, "expected_at": None}),
        ("unknown", "stalled", {"overdue_ms": LATE_MS}),
    ],
)
def test_the_most_fundamental_cause_is_reported(
    cause: str, verdict: str, changes: dict[str, Any]
) -> None:
    found = diagnose(report(**changes))
    assert (found.cause, found.verdict) == (cause, verdict)
    assert found.sentence.endswith(".")
    assert found.advice or verdict in ("fine", "over")


def test_lists_report_late_runs_from_postgresql_alone() -> None:
    late = report(overdue_ms=LATE_MS, workflow=None, temporal_asked=False, servers=[])
    assert quick_diagnosis(late).verdict == "stalled"
    assert quick_diagnosis(report(paused=True, overdue_ms=0)).verdict == "waits"
