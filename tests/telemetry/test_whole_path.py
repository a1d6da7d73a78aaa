"""From a raised error to the event that arrived, and one trace for one answer: in a gateway, a
worker and a browser, against real receivers.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from telemetry.trace_ids import question_ids
from tests.system import quizzes
from tests.system.hosting import Host, Run
from tests.system.system import Logs, System
from tests.telemetry.collector import Collector, Span
from tests.telemetry.conftest import RELEASE
from tests.telemetry.faulty import FAULTY, SECRETS
from tests.telemetry.receiver import Receiver, text_of
from tests.telemetry.visitor import Visitor, browser_path, visiting

IN_A_TRACE = {
    ("quizrun-web", "answer"),
    ("quizrun-gateway", "take answer"),
    ("quizrun-gateway", "wait for a batch"),
    ("quizrun-gateway", "commit"),
    ("quizrun-worker", "decide question.opened"),
    ("quizrun-worker", "publish_decisions"),
    ("quizrun-worker", "decide question.closed"),
    ("quizrun-worker", "close_question"),
    ("quizrun-worker", "score answers"),
    ("quizrun-worker", "publish question.closed"),
    ("quizrun-gateway", "send reveal"),
    ("quizrun-web", "show reveal"),
    ("quizrun-worker", "question 1"),
}


@dataclass
class Played:
    """A run of one question whose scoring and whose workflow failed once, played in a browser."""

    run: Run
    visitor: Visitor
    first_files: list[str]
    logs: Logs


@pytest.fixture(scope="module")
async def played(system: System, host: Host) -> AsyncIterator[Played]:
    path = await browser_path()
    logs = Logs(system)
    quiz = {**quizzes.quiz(quizzes.single()), "title": FAULTY}
    run = await host.open_run(quiz, reveal_s=3)
    async with visiting(path, system.urls[0]) as visitor:
        first_files = await visitor.do("open", path=f"/join/{run.pin}")
        await visitor.do("loaded", chunk="traces")
        await visitor.do("join", nickname="Ada Lovelace")
        await run.command("start")
        await visitor.do("pick", text="Paris")
        await visitor.do("reveal", heading="Right!")
        yield Played(run, visitor, first_files, logs)


def assert_nothing_personal(events: list[dict[str, Any]]) -> None:
    told = json.dumps(events)
    assert [secret for secret in SECRETS if secret in told] == []
    assert "Ada Lovelace" not in told
    frames = [
        frame
        for event in events
        for value in event.get("exception", {}).get("values", ())
        for frame in value["stacktrace"]["frames"]
    ]
    assert frames
    assert [frame for frame in frames if "vars" in frame] == []


async def test_a_gateways_error_arrives(
    http: httpx.AsyncClient, host: Host, receiver: Receiver
) -> None:
    headers = {"Authorization": f"Bearer {host.token}"}
    answer = await http.get("/quizzes", headers=headers)
    assert answer.status_code == 500
    event = await receiver.receives(
        "the gateway's error", lambda it: text_of(it).startswith("list of quizzes")
    )
    assert event["server_name"] == "gateway-1"
    assert (event["release"], event["environment"]) == (RELEASE, "testing")
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["contexts"]["log"]["event"] == "request_failed"
    assert "request" not in event
    assert host.token not in json.dumps(event)


async def test_an_activitys_error_arrives_with_its_workflow(
    played: Played, receiver: Receiver
) -> None:
    event = await receiver.receives(
        "the activity's error", lambda it: text_of(it).startswith("scoring")
    )
    assert event["server_name"] == "worker-1"
    tags = event["tags"]
    assert tags["temporal.workflow_id"] == f"quiz-run-{played.run.id}"
    assert len(tags["temporal.run_id"]) == 36
    assert tags["temporal.activity"] == "close_question"
    assert tags["temporal.attempt"] == "1"


async def test_a_workflows_error_arrives_once(played: Played, receiver: Receiver) -> None:
    event = await receiver.receives(
        "the workflow's error", lambda it: text_of(it).startswith("workflow")
    )
    tags = event["tags"]
    assert tags["temporal.workflow_id"] == f"quiz-run-{played.run.id}"
    assert len(tags["temporal.run_id"]) == 36
    assert tags["temporal.handler"] == "run"


async def test_the_browsers_errors_arrive(played: Played, receiver: Receiver) -> None:
    visitor, secret = played.visitor, " ".join(("Bearer", *SECRETS[::-1], f"password={SECRETS[1]}"))
    secret = secret.replace(f" {SECRETS[1]} ", " ")  # a password by itself looks like any word
    await visitor.do("open", path="/join/424242?token=abcdef")
    await visitor.do("loaded", chunk="sentry")
    await visitor.do("raise", secret=secret)
    await visitor.do("breakJoining", secret=secret)
    for what, mechanism in (
        ("timer", "onerror"),
        ("promise", "onunhandledrejection"),
        ("joining", "vue"),
    ):
        event = await receiver.receives(
            f"the browser's error ({what})", lambda it, what=what: text_of(it).startswith(what)
        )
        assert event["platform"] == "javascript"
        assert event["exception"]["values"][-1]["mechanism"]["type"] == mechanism
        assert (event["release"], event["environment"]) == (RELEASE, "testing")
        assert event["request"]["url"].endswith("/join/424242")
        assert "breadcrumbs" not in event


async def test_nothing_personal_arrives(played: Played, receiver: Receiver) -> None:
    """After all the others."""
    assert len({event.get("server_name", "browser") for event in receiver.events}) == 3
    assert_nothing_personal(receiver.events)


async def test_a_browser_loads_what_reports_after_the_first_screen(played: Played) -> None:
    names = [name.rpartition("/")[2] for name in played.first_files]
    assert any(name.startswith("reports-") for name in names)
    assert [name for name in names if name.startswith(("sentry-", "traces-"))] == []


async def test_one_answer_is_one_trace(played: Played, collector: Collector) -> None:
    trace_id, root_id = question_ids(played.run.id, 0)
    trace = f"{trace_id:032x}"

    def complete(spans: list[Span]) -> list[Span] | None:
        found = [span for span in spans if span.trace_id == trace]
        return found if {(one.service, one.name) for one in found} >= IN_A_TRACE else None

    spans: list[Span] = await collector.has("trace of the answer", complete)
    by_id = {span.span_id: span for span in spans}

    def one(service: str, name: str) -> Span:
        return next(span for span in spans if (span.service, span.name) == (service, name))

    def above(span: Span) -> list[str]:
        names = []
        while span.parent_id:
            span = by_id[span.parent_id]
            names.append(span.name)
        return names

    assert one("quizrun-worker", "question 1").span_id == f"{root_id:016x}"
    assert above(one("quizrun-gateway", "commit")) == ["take answer", "answer", "question 1"]
    assert above(one("quizrun-worker", "publish question.closed")) == [
        *("close_question", "decide question.closed", "question 1")
    ]
    assert above(one("quizrun-gateway", "send reveal")) == ["decide question.closed", "question 1"]
    assert all(above(span)[-1] == "question 1" for span in spans if span.parent_id)
    attempts = [span for span in spans if span.name == "close_question"]
    assert sorted(span.attributes["temporal.attempt"] for span in attempts) == ["1", "2"]
    taken = one("quizrun-gateway", "take answer")
    assert taken.attributes["quizrun.outcome"] == "recorded"
    (batch,) = one("quizrun-gateway", "commit").links
    (written,) = [span for span in collector.spans if span.span_id == batch]
    assert (written.name, written.links) == ("answer batch", (taken.span_id,))


async def test_log_lines_name_the_trace_they_belong_to(played: Played) -> None:
    trace_id, _ = question_ids(played.run.id, 0)
    lines = [line for line in played.logs.lines() if "error.unexpected" in line]
    assert any(f"{trace_id:032x}" in line for line in lines)
