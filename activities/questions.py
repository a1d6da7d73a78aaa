"""Opening a question for everyone at the same instant."""

from __future__ import annotations

from temporalio import activity

from activities.announcer import Announcer
from activities.facts import FactsCache
from db.runs import Runs
from quiz.commands import QuestionOpened
from quiz.events import step_event
from quiz.machine import apply
from quiz.run import RunState
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import QuestionTimes, StepInput

LEAD_MS = 300
LEAD_PLAYERS = 1_000
LEAD_MS_PER_PLAYER = 0.1
"""Rooms over `LEAD_PLAYERS` get this much more for each further player; see docs/benchmarks.md."""


def lead_ms(players: int) -> int:
    """How long before `opens_at` a question is published, so that it is everywhere by then."""
    return LEAD_MS + round(LEAD_MS_PER_PLAYER * max(0, players - LEAD_PLAYERS))


class QuestionActivities:
    """The step `open`."""

    def __init__(self, facts: FactsCache, runs: Runs, announcer: Announcer) -> None:
        self._facts = facts
        self._runs = runs
        self._announcer = announcer

    @activity.defn(name=contract.OPEN_QUESTION)
    async def open_question(self, given: StepInput) -> QuestionTimes:
        """Publishes the next question, without its solution, and says when it opens and closes.

        A retry keeps the times of the first try while they are still ahead, else picks new ones;
        gateways take the later of two messages with one version.
        """
        state = given.state
        facts = await self._facts.get(state.run_id)
        index = state.question + 1
        times = await self._earlier_times(state)
        if times is None:
            opens_at = now_ms() + lead_ms(state.players)
            closes_at = opens_at + facts.question(index).time_limit_ms
            times = QuestionTimes(opens_at=opens_at, closes_at=closes_at)
        opened = QuestionOpened(question=index, opens_at=times.opens_at, closes_at=times.closes_at)
        new_state, _ = apply(state, opened, now_ms())
        await self._announcer.announce(facts.snapshot(new_state), step_event(state))
        return times

    async def _earlier_times(self, state: RunState) -> QuestionTimes | None:
        """The times that an earlier try stored, if there is enough of the lead left to use them."""
        stored = await self._runs.snapshot(state.run_id)
        if stored is None or stored.state.version != state.version:
            return None
        opens_at, closes_at = stored.state.opens_at, stored.state.closes_at
        if opens_at is None or closes_at is None or opens_at < now_ms() + LEAD_MS // 2:
            return None
        return QuestionTimes(opens_at=opens_at, closes_at=closes_at)
