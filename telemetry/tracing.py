"""Traces by OpenTelemetry: one for each question that is sampled, from its opening and its answers
to its reveal. Off unless an OTLP endpoint is configured.
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
from telemetry.trace_ids import choosing, question_ids, sampled

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attributes = Mapping[str, str | bool | int | float]

SHUTDOWN_S = 2.0

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Tracing:
    """Makes spans in the traces of questions."""

    def __init__(self, provider: TracerProvider, rate: float) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("quizrun")
        self._rate = rate

    @property
    def tracer(self) -> Tracer:
        """For spans that belong to no question."""
        return self._tracer

    def question(self, run_id: str, question: int) -> SpanContext | None:
        """The root of the trace of a question (0-based index); None if it is not sampled."""
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
        """A span below `parent`; `span_id` where others compute it, too. Times are epoch ns."""
        with choosing(parent.trace_id, span_id):
            return self._tracer.start_span(
                name,
                context=within(parent),
                start_time=start_ns,
                links=links,
                attributes=dict(attributes or {}),
            )

    def root(
        self, own: SpanContext, name: str, start_ns: int, attributes: Attributes | None = None
    ) -> None:
        """The whole of a question, from `start_ns` (epoch ns) until now, when it is over."""
        with choosing(own.trace_id, own.span_id):
            self._tracer.start_span(
                name, context=Context(), start_time=start_ns, attributes=dict(attributes or {})
            ).end()

    def shutdown(self) -> None:
        """Send what waits, for 2 s at most."""
        sending = Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        sending.start()
        sending.join(SHUTDOWN_S)


def start_tracing(settings: ReportingSettings, service: str, process: str) -> Tracing | None:
    """Send traces from now on; None without an endpoint, and then what sends is not even loaded."""
    if not settings.otlp_endpoint:
        return None
    from telemetry.otlp import make_provider  # noqa: PLC0415  (takes a while to load)

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
    """A sampled span of another process."""
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=_SAMPLED)


def within(parent: SpanContext) -> Context:
    """The context in which a span is a child of `parent`."""
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


@contextmanager
def step(name: str) -> Iterator[None]:
    """A span below the current one; none where there is no current one."""
    if not trace.get_current_span().is_recording():
        yield
        return
    with trace.get_tracer("quizrun").start_as_current_span(name):
        yield


def add_trace_ids(
    _logger: Any, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A processor that names the span in which a log line was written."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
        line["span_id"] = f"{context.span_id:016x}"
    return line
