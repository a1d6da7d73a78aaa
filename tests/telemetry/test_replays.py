"""Reports and traces do not affect histories, and are silent during replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from telemetry.tracing import Tracing
from tests.workflows.sandbox import sandbox
from tests.workflows.test_replay import HISTORIES
from workers import error_reports
from workers.error_reports import ErrorReports
from workers.tracing import QuestionTraces
from workflows import operator_view
from workflows.quiz_run import QuizRun

NAMES = ("happy-path-1", "pause-resume-1", "first-release/happy-path-1")


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The errors that were reported."""
    errors: list[Any] = []
    monkeypatch.setattr(error_reports, "_report", lambda error, _tags: errors.append(error))
    return errors


@pytest.fixture
def spans() -> Iterator[tuple[Tracing, InMemorySpanExporter]]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield Tracing(provider, rate=1), exporter
    provider.shutdown()


async def replay(name: str, tracing: Tracing) -> Exception | None:
    replayer = Replayer(
        workflows=[QuizRun],
        workflow_runner=sandbox(),
        data_converter=pydantic_data_converter,
        interceptors=[ErrorReports(), QuestionTraces(tracing)],
    )
    history = WorkflowHistory.from_json(name, HISTORIES[name])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return result.replay_failure


@pytest.mark.parametrize("name", NAMES)
async def test_a_replay_reports_nothing(
    name: str, reported: list[Any], spans: tuple[Tracing, InMemorySpanExporter]
) -> None:
    assert await replay(name, spans[0]) is None
    assert reported == []
    assert spans[1].get_finished_spans() == ()


async def test_an_error_during_replay_is_not_reported(
    monkeypatch: pytest.MonkeyPatch,
    reported: list[Any],
    spans: tuple[Tracing, InMemorySpanExporter],
) -> None:
    details, failed = operator_view.details, []

    def broken(given: Any, state: Any) -> str:
        if state.phase == "reveal":
            failed.append(state.version)
            raise RuntimeError("raised again")
        return details(given, state)

    monkeypatch.setattr(operator_view, "details", broken)
    assert await replay("happy-path-1", spans[0]) is not None
    assert failed
    assert reported == []
