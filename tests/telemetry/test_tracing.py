from __future__ import annotations

import subprocess
import sys

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry.otlp import make_provider
from telemetry.reporting import ReportingSettings
from telemetry.trace_ids import (
    decision_span_id,
    parse_traceparent,
    question_ids,
    sampled,
)
from telemetry.tracing import Tracing, start_tracing

RUN = "0198c1de-7f7e-7001-8001-000000000001"
OFF = """
import sys, telemetry.logs, workers.tracing
from telemetry.reporting import ReportingSettings
from telemetry.tracing import start_tracing
assert start_tracing(ReportingSettings(), "quizrun-gateway", "gateway-1") is None
sending = ("opentelemetry.exporter", "telemetry.otlp")
print(sorted(name for name in sys.modules if name.startswith(sending)))
"""


def test_a_process_without_tracing_does_not_load_the_exporter() -> None:
    shown = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_ids_are_the_same_everywhere() -> None:
    """Browsers compute them, too: `web/src/telemetry/traces.test.ts` has the same values."""
    trace_id, span_id = question_ids(RUN, 2)
    assert f"{trace_id:032x} {span_id:016x}" == (
        "6a2cd9257975d6837039bd0586a85373 00366537858339fb"
    )
    assert question_ids(RUN, 3)[0] != trace_id
    assert decision_span_id(RUN, 5) != decision_span_id(RUN, 6)


def test_about_the_requested_share_is_sampled() -> None:
    ids = [question_ids(RUN, question)[0] for question in range(4_000)]
    assert sum(sampled(one, 0.25) for one in ids) in range(850, 1_150)
    assert not any(sampled(one, 0) for one in ids)
    assert all(sampled(one, 1) for one in ids)
    kept = {one for one in ids if sampled(one, 0.1)}
    assert all(sampled(one, 0.25) for one in kept)


def test_a_traceparent_is_accepted_only_for_its_own_question() -> None:
    trace_id, _ = question_ids(RUN, 0)
    own = f"00-{trace_id:032x}-00f067aa0ba902b7-01"
    assert parse_traceparent(own, trace_id) == 0x00F067AA0BA902B7
    other, _ = question_ids(RUN, 1)
    for wrong in (
        None,
        5,
        ["x"],
        "",
        own[:-1],
        own + "0" * 100_000,
        own.upper(),
        f"00-{other:032x}-00f067aa0ba902b7-01",
        f"00-{trace_id:032x}-0000000000000000-01",
        f"00-{trace_id:032x}-00f067aa0ba902b7-00",
        f"ff-{trace_id:032x}-00f067aa0ba902b7-01",
        own.replace("0", "٠"),
    ):
        assert parse_traceparent(wrong, trace_id) is None


def test_a_span_can_have_preset_ids() -> None:
    exporter = InMemorySpanExporter()
    provider = make_provider("http://127.0.0.1:9/v1/traces", {"service.name": "test"})
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider, rate=1)
    question = tracing.question(RUN, 0)
    assert question is not None
    tracing.start("a decision", question, span_id=decision_span_id(RUN, 1)).end()
    tracing.start("another", question).end()
    tracing.root(question, "question 1", 1_000)
    tracing.tracer.start_span("elsewhere").end()
    decision, other, root, elsewhere = exporter.get_finished_spans()
    assert decision.context.span_id == decision_span_id(RUN, 1)
    assert other.context.span_id != decision.context.span_id
    assert (root.context.span_id, root.parent, root.start_time) == (question.span_id, None, 1_000)
    assert {one.context.trace_id for one in (decision, other, root)} == {question.trace_id}
    assert elsewhere.context.trace_id != question.trace_id
    tracing.shutdown()


def test_an_unsampled_question_has_no_trace() -> None:
    settings = ReportingSettings(otlp_endpoint="http://127.0.0.1:9/v1", trace_sample_rate=0)
    tracing = start_tracing(settings, "quizrun-test", "test")
    assert tracing is not None
    assert tracing.question(RUN, 0) is None
    tracing.shutdown()
