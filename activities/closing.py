"""Closing a question: no more answers, then points, then the reveal."""

from __future__ import annotations

from temporalio import activity

from activities.scoring import ScoringActivities
from activities.standings import StandingsActivities
from workflows import contract
from workflows.contract import ClosedQuestion, CloseInput, StepInput


class ClosingActivities:
    """The step `score`."""

    def __init__(self, scoring: ScoringActivities, standings: StandingsActivities) -> None:
        self._scoring = scoring
        self._standings = standings

    @activity.defn(name=contract.CLOSE_QUESTION)
    async def close_question(self, given: CloseInput) -> ClosedQuestion:
        """Publish both versions of a question that closes, each when it has become true."""
        counts = await self._scoring.score_answers(StepInput(state=given.closing))
        summary = await self._standings.publish_standings(StepInput(state=given.closed))
        return ClosedQuestion(answered=counts.answered, top=summary.top)
