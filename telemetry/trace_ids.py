"""Trace and span ids that every process can compute (ADR 22).

The ids of a question's trace follow from its run and index, so gateways, workers and browsers
contribute to one trace without exchanging trace context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0([0-9a-f])")
"""The W3C `traceparent` header, version 00."""

preset_ids: ContextVar[tuple[int, int | None] | None] = ContextVar("preset_ids", default=None)
"""The trace and span ids that the id generator gives to the next span."""


def question_ids(run_id: str, question: int) -> tuple[int, int]:
    """Return the trace id (128 bits) and root span id (64 bits) of a question (0-based index)."""
    digest = sha256(f"quizrun/{run_id}/{question}".encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


def decision_span_id(run_id: str, version: int) -> int:
    """Return the id of the span of the decision that created this version of a run."""
    return int.from_bytes(sha256(f"quizrun/{run_id}/v{version}".encode()).digest()[:8])


def sampled(trace_id: int, rate: float) -> bool:
    """Return whether a trace is sampled at this rate, by OpenTelemetry's ratio-based rule."""
    return trace_id & (2**64 - 1) < round(rate * 2**64)


def parse_traceparent(header: object, trace_id: int) -> int | None:
    """Return the caller's span id if `header` is a sampled W3C traceparent of this trace."""
    if not isinstance(header, str) or len(header) != 55:
        return None
    match = TRACEPARENT.fullmatch(header)
    if match is None or int(match[1], 16) != trace_id or not int(match[3], 16) & 1:
        return None
    return int(match[2], 16) or None


@contextmanager
def use_ids(trace_id: int, span_id: int | None) -> Iterator[None]:
    """Give these ids to a span started in the context; `span_id` None means a random one."""
    token = preset_ids.set((trace_id, span_id))
    try:
        yield
    finally:
        preset_ids.reset(token)
