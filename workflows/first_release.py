"""Runs that the first release opened, as it played them, so that their histories replay.

Temporal wants the same commands in the same order as when they were recorded: nothing here may
change. Deleted together with `quiz.first_release` (ADR 10).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from quiz.commands import (
    AllAnswered,
    DeadlinePassed,
    End,
    PlayersJoined,
    RunClosed,
    StandingsPublished,
)
from quiz.first_release import Command, Event, QuestionOpened, QuestionScored, apply
from quiz.run import Phase, RunState
from workflows import contract, operator_view, policies
from workflows.contract import (
    CommandInput,
    EventsInput,
    QuestionTimes,
    RunInput,
    RunResult,
    ScoreCounts,
    StandingsSummary,
    StepInput,
)
from workflows.refusals import host_command, refusals

Output = TypeVar("Output", bound=BaseModel)


class FirstReleaseRun:
    """One run from its lobby to its final standings."""

    def __init__(self, given: RunInput) -> None:
        self._given = given
        self._state = given.state
        self._applied = dict.fromkeys(given.applied_keys)
        self._outbox: list[Event] = []
        self._shown: RunState | None = None

    async def run(self) -> RunResult:
        """Plays the run to its end; an operator who cancels the workflow ends it in good order."""
        workflow.upsert_search_attributes(operator_view.fixed_attributes(self._given))
        try:
            await self._play()
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
            self._outbox.clear()
            if self._state.due != "close":
                self._apply(End())
        result = await self._finish_run()
        self._show_operator()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _play(self) -> None:
        """Carries out what is due, publishes what has changed, and waits for what comes next."""
        while self._outbox or self._state.due != "close":
            self._show_operator()
            if self._outbox:
                await self._publish_events()
                continue
            match self._state.due:
                case "open":
                    await self._open_question()
                case "score":
                    await self._score_answers()
                case "reveal":
                    await self._publish_standings()
                case _ if self._should_continue_as_new():
                    self._continue_as_new()
                case _:
                    await self._wait()

    # What reaches a run from outside

    def players_joined(self, players: int) -> None:
        """Take in how many players the run has now."""
        self._apply(PlayersJoined(players=players))

    def all_answered(self, question: int) -> None:
        """Take in that every connected player has answered the question."""
        self._apply(AllAnswered(question=question))

    def validate(self, name: str, given: CommandInput) -> None:
        """Refuse a host command that does not fit; a refusal leaves no trace in the history."""
        if given.key not in self._applied:
            with refusals():
                apply(self._state, host_command(name, given), _now())

    async def command(self, name: str, given: CommandInput) -> RunState:
        """Carry out a host command; return the state once everyone has been told of it."""
        if given.key not in self._applied:
            with refusals():
                self._apply(host_command(name, given))
            self._remember(given.key)
        await workflow.wait_condition(lambda: not self._outbox and self._state.due is None)
        return self._state

    # The steps of a run

    async def _open_question(self) -> None:
        number = self._state.question + 2
        times = await self._step(
            contract.OPEN_QUESTION,
            StepInput(state=self._state),
            QuestionTimes,
            f"Open question {number} of {self._state.question_count}",
        )
        self._apply(
            QuestionOpened(question=number - 1, opens_at=times.opens_at, closes_at=times.closes_at)
        )

    async def _score_answers(self) -> None:
        question = self._state.question
        counts = await self._step(
            contract.SCORE_ANSWERS,
            StepInput(state=self._state),
            ScoreCounts,
            f"Score the answers to question {question + 1}",
            fast=self._state.players <= policies.FAST_SCORING_PLAYERS,
            patience=policies.SCORING,
        )
        self._given = self._given.model_copy(update={"answered": counts.answered})
        self._apply(QuestionScored(question=question))

    async def _publish_standings(self) -> None:
        question = self._state.question
        summary = await self._step(
            contract.PUBLISH_STANDINGS,
            StepInput(state=self._state),
            StandingsSummary,
            f"Reveal question {question + 1}",
        )
        self._given = self._given.model_copy(update={"top": summary.top})
        self._apply(StandingsPublished(question=question))

    async def _finish_run(self) -> RunResult:
        result: RunResult = await workflow.execute_activity(
            contract.FINISH_RUN,
            StepInput(state=self._state),
            result_type=RunResult,
            summary="Store the final standings and close the run",
            **policies.PATIENT,
        )
        self._apply(RunClosed())
        return result

    async def _publish_events(self) -> None:
        events = tuple(self._outbox)
        given = EventsInput(state=self._state, events=events)
        names = ", ".join(event.type for event in events)
        await self._step(contract.PUBLISH_EVENTS, given, StandingsSummary, f"Publish {names}")
        del self._outbox[: len(events)]

    async def _step(
        self,
        activity: str,
        given: StepInput | EventsInput,
        output: type[Output],
        summary: str,
        *,
        fast: bool = True,
        patience: policies.ActivityOptions = policies.PATIENT,
    ) -> Output:
        """The activity in the fast lane: as a local one it costs one event of history and no queue.

        Should it fail, or not be `fast`, it is run as a regular activity, which retries for as long
        as it takes and shows the operator each attempt and its error.
        """
        if fast:
            try:
                quick: Output = await workflow.execute_local_activity(
                    activity, given, result_type=output, summary=summary, **policies.QUICK
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("%s failed in the fast lane", activity, exc_info=True)
            else:
                return quick
        done: Output = await workflow.execute_activity(
            activity, given, result_type=output, summary=summary, **patience
        )
        return done

    async def _wait(self) -> None:
        """Until something is due, something must be told, or the deadline has passed or moved."""
        deadline = self._state.deadline_at

        def moved() -> bool:
            state = self._state
            changed = self._outbox or state.due or state.deadline_at != deadline
            return bool(changed) or self._should_continue_as_new()

        if deadline is None:
            await workflow.wait_condition(moved)
            return
        left = timedelta(milliseconds=max(0, deadline - _now()))
        try:
            await workflow.wait_condition(moved, timeout=left, timeout_summary=self._timer_name())
        except TimeoutError:
            # A pause may have arrived together with the timer: then the deadline has moved.
            if self._state.deadline_at == deadline:
                self._apply(DeadlinePassed(), max(deadline, _now()))

    def _timer_name(self) -> str:
        state = self._state
        if state.phase == "starting":
            return "Countdown"
        return f"{state.phase.value.capitalize()} {state.question + 1} of {state.question_count}"

    # Bookkeeping

    def _apply(self, command: Command, now: int | None = None) -> None:
        self._state, events = apply(self._state, command, _now() if now is None else now)
        self._outbox.extend(events)

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


def _now() -> int:
    return int(workflow.now().timestamp() * 1000)
