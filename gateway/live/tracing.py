"""The gateway's part in the traces of questions (ADR 22): answers, their batches, reveals.

These classes replace the plain ones where tracing is on; where it is off they cost nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, use_span

from db.answers import AnswerRow, Recorded
from gateway.live.inbound.answering import Answering, Attempt
from gateway.live.inbound.replies import Reply, Result
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.reveals import Reveals
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.errors import QuizrunError
from quiz.snapshot import RunSnapshot
from telemetry.trace_ids import decision_span_id, parse_traceparent
from telemetry.tracing import Attributes, Tracing, remote

TRACED_ANSWERS = 10
"""Of a question that is traced, by each gateway; and as many again that browsers trace themselves.
A trace of ten thousand answers could not be read."""
QUESTIONS_KNOWN = 1_000

Record = Callable[[list[AnswerRow]], Awaitable[Sequence[Recorded | QuizrunError]]]
AnswerId = tuple[str, int, str]
"""Run, question, player."""


@dataclass(slots=True)
class _Question:
    root: SpanContext | None
    left: int = TRACED_ANSWERS
    left_of_browsers: int = TRACED_ANSWERS


@dataclass(frozen=True, slots=True)
class _Pending:
    """An answer on its way to the table."""

    span: Span
    put_ns: int


class AnswerTraces:
    """Which answers are traced, and their spans until they have been acknowledged."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._questions: OrderedDict[tuple[str, int], _Question] = OrderedDict()
        self._pending: dict[AnswerId, _Pending] = {}

    def begin(self, attempt: Attempt) -> Span | None:
        """A span for an answer that has come in; None if it is not traced."""
        run_id, number = attempt.room.run_id, attempt.question
        if number != attempt.room.question:  # early, late, or made up
            return None
        question = self._question(run_id, number)
        if question.root is None:
            return None
        caller = parse_traceparent(attempt.traceparent, question.root.trace_id)
        if caller is not None and question.left_of_browsers > 0:
            question.left_of_browsers -= 1
            parent = remote(question.root.trace_id, caller)
        elif question.left > 0:
            question.left -= 1
            parent = question.root
        else:
            return None
        span = self._tracing.start(
            "take answer",
            parent,
            attributes={"quizrun.run_id": run_id, "quizrun.question": number},
        )
        self._pending[run_id, number, attempt.player_id] = _Pending(span, time.time_ns())
        return span

    def end(self, attempt: Attempt, span: Span, outcome: str) -> None:
        """End the span of an answer: `outcome` is `recorded`, or the code of a refusal."""
        self._pending.pop((attempt.room.run_id, attempt.question, attempt.player_id), None)
        span.set_attribute("quizrun.outcome", outcome)
        span.end()

    async def record(
        self, record: Record, rows: list[AnswerRow]
    ) -> Sequence[Recorded | QuizrunError]:
        """Write a batch by `record`, with a span for it where one of its answers is traced."""
        traced = (
            [one for row in rows if (one := self._pending.get(row[:3]))] if self._pending else []
        )
        if not traced:
            return await record(rows)
        began_ns = time.time_ns()
        batch = self._tracing.tracer.start_span(
            "answer batch",
            context=Context(),
            links=[Link(one.span.get_span_context()) for one in traced],
            attributes={"quizrun.answers": len(rows)},
        )
        try:
            with use_span(batch, record_exception=False):
                return await record(rows)
        finally:
            batch.end()
            self._note(traced, batch, began_ns)

    def _note(self, traced: list[_Pending], batch: Span, began_ns: int) -> None:
        link = Link(batch.get_span_context())
        for one in traced:
            own = one.span.get_span_context()
            self._tracing.start("wait for a batch", own, start_ns=one.put_ns).end(began_ns)
            self._tracing.start("commit", own, start_ns=began_ns, links=[link]).end()

    def _question(self, run_id: str, number: int) -> _Question:
        question = self._questions.get((run_id, number))
        if question is None:
            question = _Question(self._tracing.question(run_id, number))
            self._questions[run_id, number] = question
            if len(self._questions) > QUESTIONS_KNOWN:
                self._questions.popitem(last=False)
        return question


class TracedAnswering:
    """`Answering`, with a span for some of the answers."""

    def __init__(self, traces: AnswerTraces, answering: Answering) -> None:
        self._traces = traces
        self._answering = answering

    def answer(self, attempt: Attempt) -> None:
        """Record an answer; see `Answering.answer`."""
        span = self._traces.begin(attempt)
        if span is None:
            self._answering.answer(attempt)
            return
        attempt.reply = _TracedReply(self._traces, attempt, span, attempt.reply)
        try:
            self._answering.answer(attempt)
        except BaseException as error:
            self._traces.end(attempt, span, _outcome(error))
            raise


@dataclass(frozen=True, slots=True)
class _TracedReply:
    traces: AnswerTraces
    attempt: Attempt
    span: Span
    reply: Reply

    def send(self, result: Result) -> None:
        """Send the reply and end the span."""
        self.reply.send(result)
        self.traces.end(self.attempt, self.span, _outcome(result))


class TracedReveals(Reveals):
    """`Reveals`, with a span for each reveal of a question that is traced."""

    def __init__(
        self, tracing: Tracing, fanout: Fanout, loader: PlayerLoader, metrics: LiveMetrics
    ) -> None:
        super().__init__(fanout, loader, metrics)
        self._tracing = tracing

    async def reveal(self, room: Room, snapshot: RunSnapshot, seats: Sequence[Seat]) -> None:
        """Send a reveal; see `Reveals.reveal`."""
        state = snapshot.state
        question = self._tracing.question(state.run_id, state.question)
        if question is None:
            await super().reveal(room, snapshot, seats)
            return
        decision = remote(question.trace_id, decision_span_id(state.run_id, state.version))
        attributes: Attributes = {
            "quizrun.run_id": state.run_id,
            "quizrun.question": state.question,
            "quizrun.players": len(seats),
        }
        span = self._tracing.start("send reveal", decision, attributes=attributes)
        with use_span(span, end_on_exit=True):
            await super().reveal(room, snapshot, seats)


def _outcome(result: Result) -> str:
    if isinstance(result, QuizrunError):
        return result.code.value
    return "fault" if isinstance(result, BaseException) else "recorded"
