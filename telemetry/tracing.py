"""OpenTelemetry traces: one for each sampled question, from its opening to its reveal.

Disabled unless an OTLP endpoint is configured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    TraceFlags,
    Tracer,
)

from telemetry.reporting import ReportingSettings
from telemetry.trace_ids import question_ids, sampled, use_ids

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attributes = Mapping[str, str | bool | int | float]

SHUTDOWN_S = 2.0

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Tracing:
    """Starts spans in the traces of questions."""

    def __init__(self, provider: TracerProvider, rate: float) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("quizrun")
        self._rate = rate

    @property
    def tracer(self) -> Tracer:
        """The tracer for spans outside the traces of questions."""
        return self._tracer

    def question(self, run_id: str, question: int) -> SpanContext | None:
        """Return the root span of a question (0-based index); None if it is not sampled."""
        trace_id, span_id = question_ids(run_id, question)
        return remote(trace_id, span_id) if sampled(trace_id, self._rate) else None

    def start(
        self,
        name: str,
        parent: SpanContext,
        *,
        span_id: int | None = None,
        start_ns: int | None = None,
        links: Sequence[Link] = (),
        attributes: Attributes | None = None,
    ) -> Span:
        """Start a child span of `parent`. Set `span_id` if other processes compute it, too."""
        with use_ids(parent.trace_id, span_id):
            return self._tracer.start_span(
                name,
                context=child_context(parent),
                start_time=start_ns,
                links=links,
                attributes=dict(attributes or {}),
            )

    def root(
        self, own: SpanContext, name: str, start_ns: int, attributes: Attributes | None = None
    ) -> None:
        """Record the root span of a question, from `start_ns` (epoch ns) until now."""
        with use_ids(own.trace_id, own.span_id):
            self._tracer.start_span(
                name, context=Context(), start_time=start_ns, attributes=dict(attributes or {})
            ).end()

    def shutdown(self) -> None:
        """Export pending spans, within `SHUTDOWN_S`."""
        sending = Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        sending.start()
        sending.join(SHUTDOWN_S)


def start_tracing(settings: ReportingSettings, service: str, process: str) -> Tracing | None:
    """Set up the export of traces; None without an endpoint."""
    if not settings.otlp_endpoint:
        return None
    from telemetry.otlp import make_provider  # noqa: PLC0415  (slow to import)

    provider = make_provider(
        settings.otlp_endpoint,
        {
            "service.name": service,
            "service.instance.id": process,
            "service.version": settings.release_name,
            "deployment.environment.name": settings.environment,
        },
    )
    trace.set_tracer_provider(provider)
    return Tracing(provider, settings.trace_sample_rate)


def remote(trace_id: int, span_id: int) -> SpanContext:
    """Return the context of a sampled span of another process."""
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=_SAMPLED)


def child_context(parent: SpanContext) -> Context:
    """Return a context in which spans are children of `parent`."""
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


@contextmanager
def step(name: str) -> Iterator[None]:
    """Record a child span of the current one, if that is being recorded."""
    if not trace.get_current_span().is_recording():
        yield
        return
    with trace.get_tracer("quizrun").start_as_current_span(name):
        yield


def add_trace_ids(
    _logger: Any, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Add the ids of the current span to a log line; a structlog processor."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
        line["span_id"] = f"{context.span_id:016x}"
    return line
