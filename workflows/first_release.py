"""The workflow of the first release, kept so that the runs it opened still replay.

Replay requires the same commands in the same order: the behaviour of this code must never change.
To be deleted together with `quiz.first_release` (ADR 10).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

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
from quiz.scoring import ScoreCounts
from workflows import contract, operator_view, policies
from workflows.contract import (
    CommandInput,
    EventsInput,
    QuestionTimes,
    RunInput,
    RunResult,
    StandingsSummary,
    StepInput,
)
from workflows.refusals import host_command, refusals
from workflows.steps import execute


class FirstReleaseRun:
    """One run from its lobby to its final standings."""

    def __init__(self, run: RunInput) -> None:
        self._input = run
        self._state = run.state
        self._applied = dict.fromkeys(run.applied_keys)
        self._outbox: list[Event] = []
        self._shown: RunState | None = None

    async def run(self) -> RunResult:
        """Play the run to its end. If the workflow is cancelled, close the run before returning."""
        workflow.upsert_search_attributes(operator_view.fixed_attributes(self._input))
        try:
            await self._play()
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
            self._outbox.clear()
            if self._state.due != "close":
                self._apply(End())
        result = await self._finish_run()
        self._update_operator_view()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _play(self) -> None:
        """Execute due steps, publish changes and wait, until the run is to be closed."""
        while self._outbox or self._state.due != "close":
            self._update_operator_view()
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

    # Signals and updates

    def players_joined(self, players: int) -> None:
        """Update the number of players."""
        self._apply(PlayersJoined(players=players))

    def all_answered(self, question: int) -> None:
        """Close the question early: every connected player has answered."""
        self._apply(AllAnswered(question=question))

    def validate(self, name: str, command: CommandInput) -> None:
        """Reject an illegal host command, without adding it to the history."""
        if command.key not in self._applied:
            with refusals():
                apply(self._state, host_command(name, command), _now())

    async def command(self, name: str, command: CommandInput) -> RunState:
        """Execute a host command; return the state once it has been published."""
        if command.key not in self._applied:
            with refusals():
                self._apply(host_command(name, command))
            self._remember(command.key)
        await workflow.wait_condition(lambda: not self._outbox and self._state.due is None)
        return self._state

    # Steps

    async def _open_question(self) -> None:
        number = self._state.question + 2
        times = await execute(
            contract.OPEN_QUESTION,
            StepInput(state=self._state),
            QuestionTimes,
            f"Open question {number} of {self._state.question_count}",
            local=True,
        )
        self._apply(
            QuestionOpened(question=number - 1, opens_at=times.opens_at, closes_at=times.closes_at)
        )

    async def _score_answers(self) -> None:
        question = self._state.question
        counts = await execute(
            contract.SCORE_ANSWERS,
            StepInput(state=self._state),
            ScoreCounts,
            f"Score the answers to question {question + 1}",
            policies.SCORING,
            local=self._state.players <= policies.FAST_SCORING_PLAYERS,
        )
        self._input = self._input.model_copy(update={"answered": counts.answered})
        self._apply(QuestionScored(question=question))

    async def _publish_standings(self) -> None:
        question = self._state.question
        summary = await execute(
            contract.PUBLISH_STANDINGS,
            StepInput(state=self._state),
            StandingsSummary,
            f"Reveal question {question + 1}",
            local=True,
        )
        self._input = self._input.model_copy(update={"top": summary.top})
        self._apply(StandingsPublished(question=question))

    async def _finish_run(self) -> RunResult:
        result = await execute(
            contract.FINISH_RUN,
            StepInput(state=self._state),
            RunResult,
            "Store the final standings and close the run",
        )
        self._apply(RunClosed())
        return result

    async def _publish_events(self) -> None:
        events = tuple(self._outbox)
        batch = EventsInput(state=self._state, events=events)
        names = ", ".join(event.type for event in events)
        await execute(
            contract.PUBLISH_EVENTS, batch, StandingsSummary, f"Publish {names}", local=True
        )
        del self._outbox[: len(events)]

    async def _wait(self) -> None:
        """Wait for a due step, a pending event, or the deadline to pass or move."""
        deadline = self._state.deadline_at

        def changed() -> bool:
            state = self._state
            news = self._outbox or state.due or state.deadline_at != deadline
            return bool(news) or self._should_continue_as_new()

        if deadline is None:
            await workflow.wait_condition(changed)
            return
        left = timedelta(milliseconds=max(0, deadline - _now()))
        try:
            await workflow.wait_condition(changed, timeout=left, timeout_summary=self._timer_name())
        except TimeoutError:
            # The deadline has moved if a pause arrived in the same workflow task as the timer.
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
        if len(self._applied) > policies.MAX_COMMAND_KEYS:
            del self._applied[next(iter(self._applied))]

    def _update_operator_view(self) -> None:
        workflow.set_current_details(operator_view.details(self._input, self._state))
        state, shown = self._state, self._shown
        if shown is None or (state.phase, state.question, state.paused) != (
            shown.phase,
            shown.question,
            shown.paused,
        ):
            workflow.upsert_search_attributes(operator_view.phase_attributes(state))
            self._shown = state

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


def _now() -> int:
    return int(workflow.now().timestamp() * 1000)
