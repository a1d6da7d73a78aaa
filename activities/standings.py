"""Ranking the players, revealing a question, and closing a run."""

from __future__ import annotations

import asyncio

from temporalio import activity

from activities.announcer import Announcer
from activities.facts import FactsCache, RunFacts
from activities.scoring import score_run
from bus.messages import AnswerRecorded, AnswerScored
from bus.producer import Producer
from db.answers import Answers
from db.leaderboard import Leaderboard
from db.moderation import AnswerLooks
from db.scoring import Scoring
from quiz.content import TextQuestion
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import EventType
from quiz.moderation import shown_lines, typed_lines
from quiz.presentation import distribution, shown_for, solution
from quiz.ranking import Standing, Total, standings
from quiz.run import Phase, RunState
from quiz.snapshot import (
    LEADERBOARD_LINES,
    PODIUM_LINES,
    Outcome,
    Reveal,
    RunSnapshot,
    lines,
)
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import RunResult, StandingsSummary, StepInput

CLOSE_TRIES = 10
CLOSE_PAUSE_S = 0.05
"""How much longer each pause is than the one before; after the last try Temporal tries again."""


class StandingsActivities:
    """The steps `reveal` and `close`."""

    def __init__(
        self,
        facts: FactsCache,
        scoring: Scoring,
        answers: Answers,
        looks: AnswerLooks,
        leaderboard: Leaderboard,
        announcer: Announcer,
        producer: Producer,
    ) -> None:
        self._facts = facts
        self._scoring = scoring
        self._answers = answers
        self._looks = looks
        self._leaderboard = leaderboard
        self._announcer = announcer
        self._producer = producer

    @activity.defn(name=contract.PUBLISH_STANDINGS)
    async def publish_standings(self, given: StepInput) -> StandingsSummary:
        """Publishes the solution and the leaderboard first, then each answer with its points."""
        state = given.state
        facts = await self._facts.get(state.run_id)
        totals = await self._scoring.totals(state.run_id)
        ranked = standings(totals)
        await self._leaderboard.publish(state.run_id, totals, version=state.version)
        reveal = await self._reveal(facts, state, ranked)
        snapshot = facts.snapshot(state).model_copy(update={"reveal": reveal})
        await self._announcer.announce(snapshot, "question.closed")
        await self.publish_answers(state.run_id, state.question)
        return StandingsSummary(players=len(ranked), top=tuple(lines(ranked, PODIUM_LINES)))

    @activity.defn(name=contract.FINISH_RUN)
    async def finish_run(self, given: StepInput) -> RunResult:
        """Scores what came last, stores the final standings, and tells everyone."""
        state = given.state
        facts = await self._facts.get(state.run_id)
        final = state.model_copy(update={"due": None, "phase": state.final_phase})
        totals, stored = await self._close(facts, state, final)
        outcome = stored.outcome or Outcome.of([])
        ended: EventType = (
            "run.finished" if stored.state.phase is Phase.FINISHED else "run.cancelled"
        )
        await self._leaderboard.publish(state.run_id, totals, version=stored.state.version)
        await self._announcer.publish(stored, ended)
        # Whatever this attempt scored: an earlier one may have stopped before it published. The
        # answers to the last question too, because the host may have ended the run before their
        # reveal. Those who drop repeats by id see nothing twice.
        for scored_in in (state.question, state.question_count):
            await self.publish_answers(state.run_id, scored_in)
        return RunResult(
            run_id=state.run_id,
            phase=stored.state.phase.value,
            players=outcome.players,
            questions=state.question + 1,
            podium=tuple(outcome.podium),
        )

    async def _close(
        self, facts: RunFacts, state: RunState, final: RunState
    ) -> tuple[list[Total], RunSnapshot]:
        """The final totals, and the snapshot with which the run is over: an earlier attempt's,
        should it have got so far. Raises `unavailable` while players keep answering or joining.
        """
        for attempt in range(CLOSE_TRIES):
            await asyncio.sleep(attempt * CLOSE_PAUSE_S)
            await score_run(self._scoring, facts, state, scored_in=state.question_count)
            totals = await self._scoring.totals(state.run_id)
            ranked = standings(totals)
            snapshot = self._final_snapshot(facts, final, ranked)
            stored = await self._scoring.finish(snapshot, ranked, now_ms())
            if stored is not None:
                return totals, stored
        raise QuizrunError(ErrorCode.UNAVAILABLE, "Answers keep coming in; try again.")

    async def _reveal(self, facts: RunFacts, state: RunState, ranked: list[Standing]) -> Reveal:
        index = state.question
        question = facts.question(index)
        counts = await self._answers.counts(state.run_id, index)
        shown = distribution(question, counts, shown_for(question, index, facts.run.seed))
        if state.settings.moderate_answers and isinstance(question, TextQuestion):
            looks = await self._looks.of(state.run_id, index)
            shown = shown_lines(typed_lines(counts, question.correct.accepted), looks)
        answered, correct = await self._answers.tally(state.run_id, index)
        return Reveal(
            question=index,
            solution=solution(question, index, facts.run.seed),
            explanation=question.explanation,
            distribution=shown,
            answered=answered,
            correct=correct if question.scored else None,
            leaderboard=lines(ranked, LEADERBOARD_LINES),
        )

    def _final_snapshot(
        self, facts: RunFacts, final: RunState, ranked: list[Standing]
    ) -> RunSnapshot:
        return facts.snapshot(final).model_copy(update={"outcome": Outcome.of(ranked)})

    async def publish_answers(self, run_id: str, question: int) -> None:
        """Publish what was scored with this question, late rows of earlier ones included.

        Nothing more is scored with the question from then on.
        """
        scored = await self._scoring.scored_in(run_id, question)
        await self._producer.answers(
            [
                AnswerRecorded(
                    run_id=run_id,
                    question=row.question,
                    player_id=row.player_id,
                    answer=row.answer,
                    elapsed_ms=row.elapsed_ms,
                    received_at=row.received_at,
                )
                for row in scored
            ]
        )
        await self._producer.scores(
            [
                AnswerScored(
                    run_id=run_id,
                    question=row.question,
                    player_id=row.player_id,
                    points=row.points,
                    bonus=row.bonus,
                    correct=row.correct,
                    scored_in=question,
                )
                for row in scored
            ]
        )
