"""Activities of runs that the first release opened (`workflows.first_release`)."""

from __future__ import annotations

from temporalio import activity

from activities.announcer import Announcer
from activities.decisions import DecisionActivities
from activities.facts import FactsCache
from quiz.first_release import QuestionOpened, apply
from quiz.timing import lead_ms
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import EventsInput, QuestionTimes, StandingsSummary, StepInput


class FirstReleaseActivities:
    """What those runs did in steps of their own."""

    def __init__(
        self, facts: FactsCache, announcer: Announcer, decisions: DecisionActivities
    ) -> None:
        self._facts = facts
        self._announcer = announcer
        self._decisions = decisions

    @activity.defn(name=contract.OPEN_QUESTION)
    async def open_question(self, given: StepInput) -> QuestionTimes:
        """Publish the next question and say when it opens and closes; retries say the same."""
        state = given.state
        facts = await self._facts.get(state.run_id)
        index = state.question + 1
        opens_at = now_ms() + lead_ms(state.players)
        opened = QuestionOpened(
            question=index,
            opens_at=opens_at,
            closes_at=opens_at + facts.question(index).time_limit_ms,
        )
        new_state, _ = apply(state, opened, now_ms())
        published = await self._announcer.announce(facts.snapshot(new_state), "question.opened")
        times = (published.state if published else new_state).model_dump()
        return QuestionTimes.model_validate(times)

    @activity.defn(name=contract.PUBLISH_EVENTS)
    async def publish_events(self, given: EventsInput) -> StandingsSummary:
        """Publish the events under their versions."""
        for event in given.events:
            state = given.state.model_copy(update={"version": event.version})
            await self._decisions.announce(state, event.type, event.player_id)
        return StandingsSummary(players=given.state.players, top=())
