"""Activities of runs opened by the first release (`workflows.first_release`)."""

from __future__ import annotations

from temporalio import activity

from activities.decisions import DecisionActivities
from activities.facts import FactsCache
from activities.publisher import SnapshotPublisher
from quiz.first_release import QuestionOpened, apply
from quiz.timing import lead_ms
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import EventsInput, QuestionTimes, StandingsSummary, StepInput


class FirstReleaseActivities:
    """Activities that only runs of the first release schedule."""

    def __init__(
        self, facts: FactsCache, publisher: SnapshotPublisher, decisions: DecisionActivities
    ) -> None:
        self._facts = facts
        self._publisher = publisher
        self._decisions = decisions

    @activity.defn(name=contract.OPEN_QUESTION)
    async def open_question(self, step: StepInput) -> QuestionTimes:
        """Publish the next question and return its times; retries return the same ones."""
        state = step.state
        facts = await self._facts.get(state.run_id)
        index = state.question + 1
        opens_at = now_ms() + lead_ms(state.players)
        opened = QuestionOpened(
            question=index,
            opens_at=opens_at,
            closes_at=opens_at + facts.question(index).time_limit_ms,
        )
        new_state, _ = apply(state, opened, now_ms())
        published = await self._publisher.store_and_publish(
            facts.snapshot(new_state), "question.opened"
        )
        times = (published.state if published else new_state).model_dump()
        return QuestionTimes.model_validate(times)

    @activity.defn(name=contract.PUBLISH_EVENTS)
    async def publish_events(self, batch: EventsInput) -> StandingsSummary:
        """Publish the events under their versions."""
        for event in batch.events:
            state = batch.state.model_copy(update={"version": event.version})
            await self._decisions.publish(state, event.type, event.player_id)
        return StandingsSummary(players=batch.state.players, top=())
