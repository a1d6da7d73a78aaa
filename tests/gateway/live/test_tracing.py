from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from db.answers import AnswerRow, Recorded
from gateway.live.inbound.answering import Attempt
from gateway.live.inbound.replies import Result
from gateway.live.tracing import TRACED_ANSWERS, AnswerTraces
from quiz.errors import QuizrunError
from telemetry.trace_ids import question_ids
from telemetry.tracing import Tracing

RUN = "0198c1de-7f7e-7001-8001-000000000001"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()


class Unheard:
    def send(self, result: Result) -> None:
        pass


def attempt(player: str, question: int = 0, traceparent: Any = None) -> Attempt:
    room = cast("Any", SimpleNamespace(run_id=RUN, question=0))
    return Attempt(room, player, question, 1, 0, Unheard(), traceparent)


def traceparent(span_id: str) -> str:
    return f"00-{question_ids(RUN, 0)[0]:032x}-{span_id}-01"


async def written(rows: list[AnswerRow]) -> list[Recorded | QuizrunError]:
    return [Recorded(5, repeated=False) for _ in rows]


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


def test_a_few_answers_of_a_question_are_traced_however_many_there_are(
    provider: TracerProvider,
) -> None:
    traces = AnswerTraces(Tracing(provider, rate=1))
    own = [traces.begin(attempt(f"player {number}")) for number in range(100)]
    assert len([span for span in own if span is not None]) == TRACED_ANSWERS
    theirs = [
        traces.begin(attempt(f"browser {number}", traceparent=traceparent(f"{number + 1:016x}")))
        for number in range(100)
    ]
    assert len([span for span in theirs if span is not None]) == TRACED_ANSWERS


def test_answers_to_other_questions_than_the_open_one_are_not_traced(
    provider: TracerProvider,
) -> None:
    traces = AnswerTraces(Tracing(provider, rate=1))
    assert [traces.begin(attempt("a", question)) for question in range(1, 1_000)] == [None] * 999


def test_nothing_is_traced_of_a_question_that_is_not_sampled(provider: TracerProvider) -> None:
    traces = AnswerTraces(Tracing(provider, rate=0))
    assert traces.begin(attempt("a", traceparent=traceparent("1" * 16))) is None


async def test_a_batch_is_linked_to_the_answers_in_it_that_are_traced(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    traces = AnswerTraces(Tracing(provider, rate=1))
    one = attempt("traced", traceparent=traceparent("00f067aa0ba902b7"))
    span = traces.begin(one)
    assert span is not None
    rows = [AnswerRow(RUN, 0, player, 1, 5, 0) for player in ("traced", "untraced")]
    assert len(await traces.record(written, rows)) == 2
    traces.end(one, span, "recorded")
    (answer,), (commit,) = named(exporter, "take answer"), named(exporter, "commit")
    (batch,), (waited,) = named(exporter, "answer batch"), named(exporter, "wait for a batch")
    assert answer.parent is not None
    assert answer.parent.span_id == 0x00F067AA0BA902B7
    assert answer.attributes is not None
    assert answer.attributes["quizrun.outcome"] == "recorded"
    assert commit.parent == waited.parent == answer.context
    assert [link.context for link in commit.links] == [batch.context]
    assert [link.context for link in batch.links] == [answer.context]
    assert batch.context.trace_id != answer.context.trace_id
    # what has been acknowledged is forgotten: its repeat is no part of the next batch's trace
    exporter.clear()
    await traces.record(written, rows)
    assert exporter.get_finished_spans() == ()


async def test_a_batch_that_fails_fails_as_without_a_trace(provider: TracerProvider) -> None:
    traces = AnswerTraces(Tracing(provider, rate=1))
    traces.begin(attempt("traced"))

    async def failing(_rows: list[AnswerRow]) -> list[Recorded | QuizrunError]:
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await traces.record(failing, [AnswerRow(RUN, 0, "traced", 1, 5, 0)])
