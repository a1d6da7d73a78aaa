"""Trace and span ids that every process can compute for itself (ADR 22).

The trace of a question is named by its run and its index, so gateways, workers and browsers take
part in one trace without telling each other of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0([0-9a-f])")
"""The W3C header, version 00, with flags of one digit."""

chosen_ids: ContextVar[tuple[int, int | None] | None] = ContextVar("chosen_ids", default=None)
"""Trace and span id of the span that is being started; the generator of ids takes them."""


def question_ids(run_id: str, question: int) -> tuple[int, int]:
    """The trace id (128 bits) of a question (0-based index), and the id of its root span (64)."""
    digest = sha256(f"quizrun/{run_id}/{question}".encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


def decision_span_id(run_id: str, version: int) -> int:
    """The id of the span of the workflow's decision that made this version of a run."""
    return int.from_bytes(sha256(f"quizrun/{run_id}/v{version}".encode()).digest()[:8])


def sampled(trace_id: int, rate: float) -> bool:
    """Whether a trace is taken at this rate: OpenTelemetry's rule, which looks at the id alone."""
    return trace_id & (2**64 - 1) < round(rate * 2**64)


def parse_traceparent(given: object, trace_id: int) -> int | None:
    """The caller's span id, if `given` is a W3C traceparent of this trace and says `sampled`."""
    if not isinstance(given, str) or len(given) != 55:
        return None
    found = TRACEPARENT.fullmatch(given)
    if found is None or int(found[1], 16) != trace_id or not int(found[3], 16) & 1:
        return None
    return int(found[2], 16) or None


@contextmanager
def choosing(trace_id: int, span_id: int | None) -> Iterator[None]:
    """Give the span that is started meanwhile these ids; a `span_id` of None is a random one."""
    token = chosen_ids.set((trace_id, span_id))
    try:
        yield
    finally:
        chosen_ids.reset(token)
