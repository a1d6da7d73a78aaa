"""A quiz run as one durable workflow.

The workflow drives the pure state machine `quiz.machine`: signals, updates and timers change the
state, and each change to be published enters the outbox as a decision with its own version. The
loop in `_play` executes the decisions in order.

Which activities are local (ADR 52): a local activity runs inside the workflow task that decided its
step. If that task is lost, the next one decides again, from the same events and perhaps later ones.
So a step may be local only if every such task decides the same step first:

- a deadline that has passed is applied before anything else that a task brings;
- *all have answered* is a signal, and signals are applied in the order of the history.

Their times may differ: everybody follows those that were published first, and a question that was
published with other times than the run has is moved. All other decisions are published by regular
activities, which start once the decision is in the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from quiz import expiry
from quiz.commands import (
    HOST_COMMANDS,
    AllAnswered,
    Command,
    DeadlinePassed,
    End,
    ExtraTimes,
    PlayersJoined,
    Published,
    RunClosed,
    StandingsPublished,
)
from quiz.events import Decision
from quiz.machine import after_deadline, after_reveal, apply, wakes_at
from quiz.run import Phase, RunPlan, RunState
from workflows import contract, operator_view, policies
from workflows.contract import (
    AllAnsweredInput,
    ClosedQuestion,
    CloseInput,
    CommandInput,
    DecisionsInput,
    ExtraTimesInput,
    PlayersJoinedInput,
    Publication,
    RunInput,
    RunResult,
    StepInput,
)
from workflows.first_release import FirstReleaseRun
from workflows.refusals import host_command, refusals
from workflows.steps import execute

AFTER_REVEAL = ("next", "show_standings", "hide_standings")
"""Commands that follow a reveal. Hosts see the reveal before its activity has completed."""
STEPS = ("question.closing", "run.finished", "run.cancelled")
"""Decisions with an activity of their own, which publishes them and does more."""


@dataclass(frozen=True, slots=True)
class Step:
    """A decision to carry out; `local` if a local activity may do it."""

    decision: Decision
    local: bool

    @property
    def type(self) -> str:
        """The type of the decision."""
        return self.decision.type


class PlannedRun:
    """One run from its lobby to its final standings."""

    def __init__(self, run: RunInput, plan: RunPlan) -> None:
        self._input = run
        self._plan = plan
        self._state, _ = expiry.renewed(run.state, run.state, (), _now(), plan)
        self._applied = dict.fromkeys(run.applied_keys)
        self._outbox: list[Step] = []
        self._view = operator_view.Shown()

    async def run(self) -> RunResult:
        """Play the run to its end. If the workflow is cancelled, close the run before returning."""
        workflow.upsert_search_attributes(operator_view.fixed_attributes(self._input))
        result: RunResult | None = None
        while result is None:
            try:
                result = await self._play()
            except (asyncio.CancelledError, FailureError) as error:
                if not is_cancelled_exception(error):
                    raise
                if not self._ending:
                    self._receive(End())
        self._update_operator_view()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    # Signals and updates

    def players_joined(self, players: int) -> None:
        """Update the number of players."""
        self._receive(PlayersJoined(players=players))

    def extra_times(self, longest: int, change: int) -> None:
        """Update the largest extra-time factor among the players."""
        self._receive(ExtraTimes(longest=longest, change=change))

    def all_answered(self, question: int) -> None:
        """Close the question early: every connected player has answered."""
        self._receive(AllAnswered(question=question))

    def validate(self, name: str, command: CommandInput) -> None:
        """Reject an illegal host command, without adding it to the history."""
        if command.key not in self._applied:
            state = self._state
            if self._deadline_comes_first:
                state, _ = after_deadline(state, _now(), self._plan)
            if name in AFTER_REVEAL:
                state = after_reveal(state)
            with refusals():
                apply(state, host_command(name, command), _now(), self._plan)

    async def command(self, name: str, command: CommandInput) -> RunState:
        """Execute a host command; return the state once it has been published."""
        if name in AFTER_REVEAL:
            self._pass_deadline()
            await workflow.wait_condition(lambda: self._state.due != "score")
        if command.key not in self._applied:
            with refusals():
                self._receive(host_command(name, command))
            self._remember(command.key)
        await workflow.wait_condition(lambda: not self._outbox and self._state.due is None)
        return self._state

    # Steps

    async def _play(self) -> RunResult:
        """Execute decisions and wait for the next ones, until the run has been closed."""
        # A decision leaves the outbox only after its activity, so a cancellation skips none.
        while True:
            self._update_operator_view()
            if self._outbox:
                step = self._outbox[0]
                match step.type:
                    case "question.closing":
                        await self._close_question(step, self._outbox[1])
                    case "run.finished" | "run.cancelled":
                        return await self._finish_run(step)
                    case _:
                        await self._publish()
            elif self._should_continue_as_new():
                self._continue_as_new()
            else:
                await self._wait()

    async def _publish(self) -> None:
        local = self._outbox[0].local
        pending = takewhile(lambda one: one.type not in STEPS and one.local == local, self._outbox)
        steps = islice(pending, policies.MAX_DECISIONS_PER_PUBLISH)
        decisions = tuple(step.decision for step in steps)
        published = await execute(
            contract.PUBLISH_DECISIONS,
            DecisionsInput(decisions=decisions),
            Publication,
            ", ".join(_summary(decision) for decision in decisions),
            local=local,
        )
        self._drop(len(decisions))
        for decision in decisions[:-1]:
            self._apply(Published(decision=decision))
        self._apply(Published(decision=decisions[-1], opens_at=published.opens_at))

    async def _close_question(self, closing: Step, closed: Step) -> None:
        question = closed.decision.state.question
        small = self._state.players <= policies.FAST_SCORING_PLAYERS
        result = await execute(
            contract.CLOSE_QUESTION,
            CloseInput(closing=closing.decision.state, closed=closed.decision.state),
            ClosedQuestion,
            f"Score and reveal question {question + 1}",
            policies.DEFAULT if small else policies.SCORING,
            local=closing.local and small,
        )
        self._input = self._input.model_copy(
            update={"answered": result.answered, "top": result.top}
        )
        self._drop(2)
        self._apply(StandingsPublished(question=question))

    async def _finish_run(self, step: Step) -> RunResult:
        result = await execute(
            contract.FINISH_RUN,
            StepInput(state=step.decision.state),
            RunResult,
            "Store the final standings and close the run",
        )
        self._drop(1)
        self._apply(RunClosed())
        return result

    async def _wait(self) -> None:
        """Wait for a decision, or for the time at which the run advances."""
        wake_at = wakes_at(self._state, self._plan)
        assert wake_at is not None  # a run that waits has a deadline or an expiry
        if self._plan.local_steps and wake_at <= _now():
            # It passed during a step, whose end may come together with a command: no local step.
            self._apply(DeadlinePassed())
            return

        def changed() -> bool:
            news = self._outbox or wakes_at(self._state, self._plan) != wake_at
            return bool(news) or self._should_continue_as_new()

        left = timedelta(milliseconds=max(0, wake_at - _now()))
        try:
            await workflow.wait_condition(changed, timeout=left, timeout_summary=self._timer_name())
        except TimeoutError:
            if self._plan.local_steps:
                self._pass_deadline()
            # The deadline has moved if a pause arrived in the same workflow task as the timer.
            elif wakes_at(self._state, self._plan) == wake_at:
                self._apply(DeadlinePassed(), max(wake_at, _now()))

    def _timer_name(self) -> str:
        state = self._state
        if state.deadline_at is None:
            return "Waiting for the host"
        if state.phase is Phase.STARTING:
            return "Countdown"
        if state.break_ends_at is not None:
            return f"Break after question {state.question + 1}"
        return f"{state.phase.value.capitalize()} {state.question + 1} of {state.question_count}"

    # Bookkeeping

    @property
    def _ending(self) -> bool:
        return self._state.due == "close" or self._state.phase.over

    def _receive(self, command: Command) -> None:
        """Apply a command from outside, after a deadline that has passed."""
        self._pass_deadline()
        local = self._deadline_comes_first and isinstance(command, AllAnswered)
        self._apply(command, local=local)

    @property
    def _deadline_comes_first(self) -> bool:
        # Not while a step is pending: a question that could not be published in time is moved.
        return self._plan.local_steps and not self._outbox

    def _pass_deadline(self) -> None:
        if self._deadline_comes_first:
            self._state, decisions = after_deadline(self._state, _now(), self._plan)
            self._outbox.extend(Step(decision, local=True) for decision in decisions)

    def _apply(self, command: Command, now: int | None = None, *, local: bool = False) -> None:
        now = _now() if now is None else now
        self._state, decisions = apply(self._state, command, now, self._plan)
        self._outbox.extend(Step(decision, local) for decision in decisions)

    def _drop(self, count: int) -> None:
        del self._outbox[:count]

    def _remember(self, key: str) -> None:
        self._applied[key] = None
        if len(self._applied) > policies.MAX_COMMAND_KEYS:
            del self._applied[next(iter(self._applied))]

    def _update_operator_view(self) -> None:
        workflow.set_current_details(operator_view.details(self._input, self._state))
        sparingly = self._plan.local_steps
        if self._view.is_outdated(self._state, _now(), sparingly=sparingly):
            workflow.upsert_search_attributes(operator_view.phase_attributes(self._state))
            self._view = operator_view.Shown(self._state, _now())

    def _should_continue_as_new(self) -> bool:
        # Only between questions with nothing due, and without waiting handlers: their callers would
        # get no result.
        return (
            self._state.phase in (Phase.LOBBY, Phase.REVEAL)
            and self._state.due is None
            and not self._outbox
            and workflow.info().is_continue_as_new_suggested()
            and workflow.all_handlers_finished()
        )

    def _continue_as_new(self) -> None:
        workflow.continue_as_new(
            self._input.model_copy(
                update={"state": self._state, "applied_keys": tuple(self._applied)}
            )
        )


@workflow.defn(name=contract.WORKFLOW_TYPE)
class QuizRun:
    """The workflow type; a run follows the rules of the release that opened it."""

    @workflow.init
    def __init__(self, run: RunInput) -> None:
        self._run: PlannedRun | FirstReleaseRun = (
            FirstReleaseRun(run) if run.plan is None else PlannedRun(run, run.plan)
        )
        for name in HOST_COMMANDS:
            handler, validator = self._update(name)
            workflow.set_update_handler(name, handler, validator=validator)

    @workflow.run
    async def run(self, _run: RunInput) -> RunResult:
        """Play the run to its end."""
        return await self._run.run()

    @workflow.signal(name=contract.SIGNAL_PLAYERS_JOINED)
    def players_joined(self, signal: PlayersJoinedInput) -> None:
        """Update the number of players."""
        self._run.players_joined(signal.players)

    @workflow.signal(name=contract.SIGNAL_EXTRA_TIMES)
    def extra_times(self, signal: ExtraTimesInput) -> None:
        """Update the largest extra-time factor among the players."""
        if isinstance(self._run, PlannedRun):
            self._run.extra_times(signal.longest, signal.change)

    @workflow.signal(name=contract.SIGNAL_ALL_ANSWERED)
    def all_answered(self, signal: AllAnsweredInput) -> None:
        """Close the question early: every connected player has answered."""
        self._run.all_answered(signal.question)

    def _update(
        self, name: str
    ) -> tuple[Callable[[CommandInput], Awaitable[RunState]], Callable[[CommandInput], None]]:
        """Build the handler and the validator of the update `name`."""

        def validate(command: CommandInput) -> None:
            self._run.validate(name, command)

        async def handle(command: CommandInput) -> RunState:
            return await self._run.command(name, command)

        return handle, validate


def _summary(decision: Decision) -> str:
    if decision.type == "question.opened":
        return f"Open question {decision.state.question + 1} of {decision.state.question_count}"
    return f"Publish {decision.type}"


def _now() -> int:
    return int(workflow.now().timestamp() * 1000)
