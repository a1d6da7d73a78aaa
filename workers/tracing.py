"""The workers' spans in the traces of questions (ADR 22): decisions and activities.

Histories hold no trace context: ids are computed from the run, the question and the version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from opentelemetry.trace import SpanContext, Status, StatusCode, use_span
from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from quiz.run import Phase, RunState
from telemetry.trace_ids import decision_span_id
from telemetry.tracing import Tracing, remote
from workflows import contract
from workflows.contract import CloseInput, DecisionsInput, EventsInput, StepInput

NOTE = "quizrun_note_decision"
"""The extern function that workflow code calls to record decisions."""

log = structlog.get_logger()

Note = Callable[[str, Sequence[Any], str, str], None]


class QuestionTraces(Interceptor):
    """Records spans of the questions that are sampled."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the base's name
        """Wrap each activity."""
        return _Activity(next, self._tracing)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor]:
        """Wrap each workflow."""
        input.unsafe_extern_functions[NOTE] = self._note
        return _Workflow

    def _note(self, name: str, args: Sequence[Any], workflow_id: str, run_id: str) -> None:
        """Record the decision that activity `name` executes."""
        # Must not raise: the workflow task would fail.
        try:
            state = _state(args)
            question = _question(self._tracing, state)
            if state is None or question is None:
                return
            self._tracing.start(
                f"decide {_title(name, args)}",
                question,
                span_id=decision_span_id(state.run_id, state.version),
                attributes={
                    **_attributes(state),
                    "temporal.workflow_id": workflow_id,
                    "temporal.run_id": run_id,
                },
            ).end()
        except Exception as error:  # noqa: BLE001
            log.warning("trace.decision_lost", error=error)


class _Activity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, tracing: Tracing) -> None:  # noqa: A002
        super().__init__(next)
        self._tracing = tracing

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        state = _state(input.args)
        question = _question(self._tracing, state)
        if state is None or question is None:
            return await super().execute_activity(input)
        info = activity.info()
        decision = remote(question.trace_id, decision_span_id(state.run_id, state.version))
        span = self._tracing.start(
            info.activity_type,
            decision,
            attributes={
                **_attributes(state),
                "temporal.workflow_id": info.workflow_id or "",
                "temporal.run_id": info.workflow_run_id or "",
                "temporal.attempt": info.attempt,
            },
        )
        try:
            # Error texts may contain what players typed.
            with use_span(span, record_exception=False, set_status_on_exception=False):
                result = await super().execute_activity(input)
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.end()
        if _ends_question(info.activity_type, state) and state.opens_at is not None:
            name = f"question {state.question + 1}"
            self._tracing.root(question, name, state.opens_at * 1_000_000, _attributes(state))
        return result


class _Workflow(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        """Wrap outbound calls, too."""
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    _noted: object = None
    """The argument of the latest step, which is taken again if it fails as a local activity."""

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        self._note(input)
        return super().start_activity(input)

    def start_local_activity(
        self,
        input: StartLocalActivityInput,  # noqa: A002
    ) -> workflow.ActivityHandle[Any]:
        self._note(input)
        return super().start_local_activity(input)

    def _note(self, input: StartActivityInput | StartLocalActivityInput) -> None:  # noqa: A002
        (argument,) = input.args
        if workflow.unsafe.is_replaying() or argument is self._noted:
            return
        self._noted = argument
        info = workflow.info()
        with workflow.unsafe.sandbox_unrestricted(), workflow.unsafe.imports_passed_through():
            note: Note = workflow.extern_functions()[NOTE]
            note(input.activity, input.args, info.workflow_id, info.run_id)


def _question(tracing: Tracing, state: RunState | None) -> SpanContext | None:
    return tracing.question(state.run_id, state.question) if state is not None else None


def _state(args: Sequence[Any]) -> RunState | None:
    """The state in the argument of an activity, if it has a current question."""
    match args:
        case [DecisionsInput(decisions=(first, *_))]:
            state = first.state
        case [CloseInput(closed=closed)]:
            state = closed
        case [StepInput(state=decided) | EventsInput(state=decided)]:
            state = decided
        case _:
            return None
    return state if state.question >= 0 else None


def _title(name: str, args: Sequence[Any]) -> str:
    """The event types that were decided, or else the name of the activity."""
    match args:
        case [DecisionsInput(decisions=decisions)]:
            return ", ".join(decision.type for decision in decisions)
        case [CloseInput()]:
            return "question.closed"
        case _:
            return name


def _ends_question(name: str, state: RunState) -> bool:
    """Whether this activity ends the question: by its reveal, or with the run."""
    ended_early = name == contract.FINISH_RUN and state.phase is Phase.QUESTION
    return ended_early or name in (contract.CLOSE_QUESTION, contract.PUBLISH_STANDINGS)


def _attributes(state: RunState) -> dict[str, str | bool | int | float]:
    return {
        "quizrun.run_id": state.run_id,
        "quizrun.question": state.question,
        "quizrun.version": state.version,
    }
