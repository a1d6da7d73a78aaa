"""Error reports and traces end to end: gateway, worker and browser, with real receivers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from telemetry.trace_ids import question_ids
from tests.system import quizzes
from tests.system.hosting import Host, Run
from tests.system.system import Logs, System
from tests.telemetry.collector import Collector, Span
from tests.telemetry.conftest import RELEASE
from tests.telemetry.faulty import EMAIL, FAULTY, PASSWORD, TOKEN
from tests.telemetry.receiver import Receiver, text_of
from tests.telemetry.visitor import Visitor, browser_path, visiting

pytestmark = pytest.mark.timeout(240)
"""The first test starts everything."""

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


EXPLAINED = "Because of WALRUS-31337."
"""Part of a solution, which no report may contain."""


@dataclass
class Played:
    """A run, played in a browser, whose scoring and workflow each failed once."""

    run: Run
    visitor: Visitor
    timing: dict[str, float]
    logs: Logs


@pytest.fixture(scope="module")
async def played(system: System, host: Host) -> AsyncIterator[Played]:
    path = await browser_path()
    logs = Logs(system)
    question = quizzes.single() | {"explanation": EXPLAINED}
    quiz = {**quizzes.quiz(question), "title": FAULTY}
    run = await host.open_run(quiz, auto_advance=False)
    async with visiting(path, system.urls[0]) as visitor:
        await visitor.run("open", path=f"/join/{run.pin}")
        await visitor.run("loaded", chunk="traces")
        await visitor.run("loaded", chunk="sentry")
        timing = await visitor.run("timing")
        await visitor.run("join", nickname="Ada Lovelace")
        await run.command("start")
        await visitor.run("pick", text="Paris")
        await visitor.run("reveal", heading="Right!")
        yield Played(run, visitor, timing, logs)


FAULTS = ("list of quizzes", "scoring", "workflow", "timer", "promise", "joining")
"""How the texts of the errors begin, in the order in which they are raised."""


@pytest.fixture(scope="module")
async def events(
    played: Played, http: httpx.AsyncClient, host: Host, receiver: Receiver
) -> dict[str, dict[str, Any]]:
    """The event of each error."""
    answer = await http.get("/quizzes", headers={"Authorization": f"Bearer {host.token}"})
    assert answer.status_code == 500
    visitor = played.visitor
    run = await host.open_run(quizzes.quiz(quizzes.single()))
    await visitor.run("open", path=f"/join/{run.pin}?token=abcdef")
    await visitor.run("loaded", chunk="sentry")
    secret = f"{EMAIL} with password={PASSWORD} and Bearer {TOKEN}"
    await visitor.run("raise", secret=secret)
    await visitor.run("breakJoining", secret=secret)
    return {what: await receiver.receives(what, partial(begins, what)) for what in FAULTS}


def begins(what: str, event: dict[str, Any]) -> bool:
    return text_of(event).startswith(what)


async def test_a_gateways_error_arrives(events: dict[str, dict[str, Any]]) -> None:
    event = events["list of quizzes"]
    assert event["server_name"] == "gateway-1"
    assert (event["release"], event["environment"]) == (RELEASE, "testing")
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["contexts"]["log"]["event"] == "http.request_failed"
    assert "request" not in event


async def test_an_activitys_error_arrives_with_its_workflow(
    played: Played, events: dict[str, dict[str, Any]]
) -> None:
    event = events["scoring"]
    assert event["server_name"] == "worker-1"
    tags = event["tags"]
    assert tags["temporal.workflow_id"] == f"quiz-run-{played.run.id}"
    assert len(tags["temporal.run_id"]) == 36
    assert tags["temporal.activity"] == "close_question"
    assert tags["temporal.attempt"] == "1"


async def test_a_workflows_error_arrives_once(
    played: Played, events: dict[str, dict[str, Any]], receiver: Receiver
) -> None:
    tags = events["workflow"]["tags"]
    assert tags["temporal.workflow_id"] == f"quiz-run-{played.run.id}"
    assert len(tags["temporal.run_id"]) == 36
    assert tags["temporal.handler"] == "run"
    assert len([one for one in receiver.events if text_of(one).startswith("workflow")]) == 1


@pytest.mark.parametrize(
    ("what", "caught_by"),
    [("timer", "onerror"), ("promise", "onunhandledrejection"), ("joining", "vue")],
)
async def test_the_browsers_errors_arrive(
    what: str, caught_by: str, events: dict[str, dict[str, Any]]
) -> None:
    event = events[what]
    assert event["platform"] == "javascript"
    assert event["exception"]["values"][-1]["mechanism"]["type"] == caught_by
    assert (event["release"], event["environment"]) == (RELEASE, "testing")
    assert re.search(r"/join/\d+$", event["request"]["url"])
    assert "breadcrumbs" not in event


async def test_nothing_personal_arrives(
    events: dict[str, dict[str, Any]], receiver: Receiver, host: Host
) -> None:
    received = json.dumps(receiver.events)
    secrets = (EMAIL, PASSWORD, TOKEN, host.token, "Ada Lovelace", "abcdef")
    assert [secret for secret in secrets if secret in received] == []
    frames = [
        frame
        for event in events.values()
        for value in event["exception"]["values"]
        for frame in value["stacktrace"]["frames"]
    ]
    assert any(frame["function"] == "fail" for frame in frames)
    assert [frame for frame in frames if "vars" in frame] == []


async def test_a_browser_loads_the_reporting_script_after_the_first_screen(played: Played) -> None:
    timing = played.timing
    assert timing["reports"] < timing["complete"]
    assert timing["complete"] <= min(timing["sentry"], timing["traces"])


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
    # The step has failed as a local activity, and has then been a regular one.
    attempts = [span for span in spans if span.name == "close_question"]
    assert [span.attributes["temporal.attempt"] for span in attempts] == ["1", "1"]
    assert len([span for span in spans if span.name == "decide question.closed"]) == 1
    taken = one("quizrun-gateway", "take answer")
    assert taken.attributes["quizrun.outcome"] == "recorded"
    (batch,) = one("quizrun-gateway", "commit").links
    (written,) = [span for span in collector.spans if span.span_id == batch]
    assert (written.name, written.links) == ("answer batch", (taken.span_id,))


async def test_no_report_and_no_log_line_contains_a_solution(
    played: Played,
    events: dict[str, dict[str, Any]],
    receiver: Receiver,
    collector: Collector,
    http: httpx.AsyncClient,
) -> None:
    assert events
    said = [repr(span) for span in collector.spans]
    said += [json.dumps(event) for event in receiver.events]
    said += played.logs.lines()
    said.append((await http.get(f"{str(http.base_url).partition('/api')[0]}/metrics")).text)
    assert len(said) > 50
    assert [text for text in said if "WALRUS" in text] == []


async def test_log_lines_name_the_trace_they_belong_to(played: Played) -> None:
    trace_id, _ = question_ids(played.run.id, 0)
    lines = [line for line in played.logs.lines() if "error.unexpected" in line]
    assert any(f"{trace_id:032x}" in line for line in lines)
