"""A quiz run as one durable workflow.

The workflow drives the pure state machine of `quiz.machine`: commands and timers move the state,
and everything that others must be told of it waits in the outbox as a decision with a version of
its own. The loop in `_play` carries decisions out, one version after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import islice, takewhile

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from quiz import expiry
from quiz.commands import (
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
from quiz.machine import after_reveal, apply, wakes_at
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
    RunInput,
    RunResult,
    StandingsSummary,
    StepInput,
)
from workflows.first_release import FirstReleaseRun
from workflows.refusals import host_command, refusals

COMMANDS = (
    "start",
    "pause",
    "resume",
    "next",
    "skip",
    "end",
    "lock",
    "unlock",
    "kick",
    "show_standings",
    "hide_standings",
    "configure",
)
AFTER_REVEAL = ("next", "show_standings", "hide_standings")
"""Commands for a question that has been revealed: hosts see that before it has been carried out."""
STEPS = ("question.closing", "run.finished", "run.cancelled")
"""Decisions that are published by an activity of their own, with what it brings about."""


class DecidedRun:
    """One run from its lobby to its final standings."""

    def __init__(self, given: RunInput, plan: RunPlan) -> None:
        self._given = given
        self._plan = plan
        self._state, _ = expiry.renewed(given.state, given.state, (), _now(), plan)
        self._applied = dict.fromkeys(given.applied_keys)
        self._outbox: list[Decision] = []
        self._shown: RunState | None = None

    async def run(self) -> RunResult:
        """Play the run to its end; an operator who cancels the workflow ends it in good order."""
        workflow.upsert_search_attributes(operator_view.fixed_attributes(self._given))
        result: RunResult | None = None
        while True:
            try:
                if result is None:
                    result = await self._play()
                self._show_operator()
                await workflow.wait_condition(workflow.all_handlers_finished)
            except (asyncio.CancelledError, FailureError) as error:
                if not is_cancelled_exception(error):
                    raise
                if not self._ending:
                    self._apply(End())
            else:
                return result

    # What reaches a run from outside

    def players_joined(self, players: int) -> None:
        """Take in how many players the run has now."""
        self._apply(PlayersJoined(players=players))

    def extra_times(self, longest: int, change: int) -> None:
        """Take in the largest factor of extra time among the players."""
        self._apply(ExtraTimes(longest=longest, change=change))

    def all_answered(self, question: int) -> None:
        """Take in that every connected player has answered the question."""
        self._apply(AllAnswered(question=question))

    def validate(self, name: str, given: CommandInput) -> None:
        """Refuse a host command that does not fit; a refusal leaves no trace in the history."""
        if given.key not in self._applied:
            state = after_reveal(self._state) if name in AFTER_REVEAL else self._state
            with refusals():
                apply(state, host_command(name, given), _now(), self._plan)

    async def command(self, name: str, given: CommandInput) -> RunState:
        """Carry out a host command; return the state once everyone has been told of it."""
        if name in AFTER_REVEAL:
            await workflow.wait_condition(lambda: self._state.due != "score")
        if given.key not in self._applied:
            with refusals():
                self._apply(host_command(name, given))
            self._remember(given.key)
        await workflow.wait_condition(lambda: not self._outbox and self._state.due is None)
        return self._state

    # The steps of a run

    async def _play(self) -> RunResult:
        """Carry out what has been decided, then wait for what comes next, until the run is over.

        By regular activities: they begin once the decision is in the history. A local one would
        publish what a failed workflow task decided, and the next one may decide otherwise. A
        decision stays in the outbox until it has been carried out, so that none is skipped when the
        workflow is cancelled in between.
        """
        while True:
            self._show_operator()
            if self._outbox:
                decision = self._outbox[0]
                match decision.type:
                    case "question.closing":
                        await self._close_question(decision, self._outbox[1])
                    case "run.finished" | "run.cancelled":
                        return await self._finish_run(decision)
                    case _:
                        await self._publish()
            elif self._should_continue_as_new():
                self._continue_as_new()
            else:
                await self._wait()

    async def _publish(self) -> None:
        waiting = takewhile(lambda one: one.type not in STEPS, self._outbox)
        decisions = tuple(islice(waiting, policies.PUBLISHED_AT_ONCE))
        await workflow.execute_activity(
            contract.PUBLISH_DECISIONS,
            DecisionsInput(decisions=decisions),
            result_type=StandingsSummary,
            summary=", ".join(_summary(decision) for decision in decisions),
            **policies.PATIENT,
        )
        self._done(len(decisions))
        for decision in decisions:
            self._apply(Published(decision=decision))

    async def _close_question(self, closing: Decision, closed: Decision) -> None:
        question = closed.state.question
        small = self._state.players <= policies.FAST_SCORING_PLAYERS
        result: ClosedQuestion = await workflow.execute_activity(
            contract.CLOSE_QUESTION,
            CloseInput(closing=closing.state, closed=closed.state),
            result_type=ClosedQuestion,
            summary=f"Score and reveal question {question + 1}",
            **(policies.PATIENT if small else policies.SCORING),
        )
        self._given = self._given.model_copy(
            update={"answered": result.answered, "top": result.top}
        )
        self._done(2)
        self._apply(StandingsPublished(question=question))

    async def _finish_run(self, decision: Decision) -> RunResult:
        result: RunResult = await workflow.execute_activity(
            contract.FINISH_RUN,
            StepInput(state=decision.state),
            result_type=RunResult,
            summary="Store the final standings and close the run",
            **policies.PATIENT,
        )
        self._done(1)
        self._apply(RunClosed())
        return result

    async def _wait(self) -> None:
        """Wait until something has been decided, or the clock moves the run on."""
        wake_at = wakes_at(self._state, self._plan)

        def moved() -> bool:
            changed = self._outbox or wakes_at(self._state, self._plan) != wake_at
            return bool(changed) or self._should_continue_as_new()

        if wake_at is None:
            await workflow.wait_condition(moved)
            return
        left = timedelta(milliseconds=max(0, wake_at - _now()))
        try:
            await workflow.wait_condition(moved, timeout=left, timeout_summary=self._timer_name())
        except TimeoutError:
            # A pause may have arrived together with the timer: then the deadline has moved.
            if wakes_at(self._state, self._plan) == wake_at:
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

    def _apply(self, command: Command, now: int | None = None) -> None:
        now = _now() if now is None else now
        self._state, decisions = apply(self._state, command, now, self._plan)
        self._outbox.extend(decisions)

    def _done(self, count: int) -> None:
        del self._outbox[:count]

    def _remember(self, key: str) -> None:
        self._applied[key] = None
        if len(self._applied) > policies.KEYS_REMEMBERED:
            del self._applied[next(iter(self._applied))]

    def _show_operator(self) -> None:
        workflow.set_current_details(operator_view.details(self._given, self._state))
        state, shown = self._state, self._shown
        if shown is None or (state.phase, state.question, state.paused) != (
            shown.phase,
            shown.question,
            shown.paused,
        ):
            workflow.upsert_search_attributes(operator_view.phase_attributes(state))
            self._shown = state

    def _should_continue_as_new(self) -> bool:
        """Whether the history is long and this is a good moment: between questions with nothing
        due, and no handler waiting, whose caller would get no answer.
        """
        return (
            self._state.phase in (Phase.LOBBY, Phase.REVEAL)
            and self._state.due is None
            and not self._outbox
            and workflow.info().is_continue_as_new_suggested()
            and workflow.all_handlers_finished()
        )

    def _continue_as_new(self) -> None:
        workflow.continue_as_new(
            self._given.model_copy(
                update={"state": self._state, "applied_keys": tuple(self._applied)}
            )
        )


@workflow.defn(name=contract.WORKFLOW_TYPE)
class QuizRun:
    """The workflow type: a run by the rules under which it was opened."""

    @workflow.init
    def __init__(self, given: RunInput) -> None:
        self._run: DecidedRun | FirstReleaseRun = (
            FirstReleaseRun(given) if given.plan is None else DecidedRun(given, given.plan)
        )
        for name in COMMANDS:
            handler, validator = self._update(name)
            workflow.set_update_handler(name, handler, validator=validator)

    @workflow.run
    async def run(self, _given: RunInput) -> RunResult:
        """Play the run to its end."""
        return await self._run.run()

    @workflow.signal(name=contract.SIGNAL_PLAYERS_JOINED)
    def players_joined(self, given: PlayersJoinedInput) -> None:
        """The run has this many players now."""
        self._run.players_joined(given.players)

    @workflow.signal(name=contract.SIGNAL_EXTRA_TIMES)
    def extra_times(self, given: ExtraTimesInput) -> None:
        """The largest factor of extra time among the players is this now."""
        if isinstance(self._run, DecidedRun):
            self._run.extra_times(given.longest, given.change)

    @workflow.signal(name=contract.SIGNAL_ALL_ANSWERED)
    def all_answered(self, given: AllAnsweredInput) -> None:
        """Every connected player has answered the question."""
        self._run.all_answered(given.question)

    def _update(
        self, name: str
    ) -> tuple[Callable[[CommandInput], Awaitable[RunState]], Callable[[CommandInput], None]]:
        """The handler and the validator of the update `name`."""

        def validate(given: CommandInput) -> None:
            self._run.validate(name, given)

        async def handle(given: CommandInput) -> RunState:
            return await self._run.command(name, given)

        return handle, validate


def _summary(decision: Decision) -> str:
    if decision.type == "question.opened":
        return f"Open question {decision.state.question + 1} of {decision.state.question_count}"
    return f"Publish {decision.type}"


def _now() -> int:
    return int(workflow.now().timestamp() * 1000)
