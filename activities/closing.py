"""Closing a question: stop accepting answers, score them, reveal the solution."""

from __future__ import annotations

from temporalio import activity

from activities.scoring import ScoringActivities
from activities.standings import StandingsActivities
from workflows import contract
from workflows.contract import ClosedQuestion, CloseInput, StepInput


class ClosingActivities:
    """The activity that closes a question."""

    def __init__(self, scoring: ScoringActivities, standings: StandingsActivities) -> None:
        self._scoring = scoring
        self._standings = standings

    @activity.defn(name=contract.CLOSE_QUESTION)
    async def close_question(self, question: CloseInput) -> ClosedQuestion:
        """Publish `question.closing`, score the answers, and publish `question.closed`."""
        counts = await self._scoring.score_answers(StepInput(state=question.closing))
        summary = await self._standings.publish_standings(StepInput(state=question.closed))
        return ClosedQuestion(answered=counts.answered, top=summary.top)
