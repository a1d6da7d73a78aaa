"""Ranking players, revealing a question, and closing a run."""

from __future__ import annotations

import asyncio
import uuid

from temporalio import activity

from activities.facts import FactsCache, RunFacts
from activities.publisher import SnapshotPublisher
from activities.scoring import score_run
from bus.messages import AnswerRecorded, AnswerScored, RoomChanged
from bus.producer import Producer
from db.leaderboard import Leaderboard
from db.moderation import AnswerModeration
from db.scoring import Scoring, Tallied
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

ANNOUNCED_PLAYERS = 1_000
"""Runs of this size are announced. Fewer results are not worth a message of their own."""
CLOSE_ATTEMPTS = 10
CLOSE_BACKOFF_S = 0.05
"""Added to each pause between attempts. After the last attempt Temporal retries the activity."""


class StandingsActivities:
    """The activities that reveal a question and close a run."""

    def __init__(
        self,
        facts: FactsCache,
        scoring: Scoring,
        moderation: AnswerModeration,
        leaderboard: Leaderboard,
        publisher: SnapshotPublisher,
        producer: Producer,
    ) -> None:
        self._facts = facts
        self._scoring = scoring
        self._moderation = moderation
        self._leaderboard = leaderboard
        self._publisher = publisher
        self._producer = producer

    @activity.defn(name=contract.PUBLISH_STANDINGS)
    async def publish_standings(self, closed: StepInput) -> StandingsSummary:
        """Publish the solution and the leaderboard, then each answer with its points."""
        state = closed.state
        facts = await self._facts.get(state.run_id)
        (totals, tallied), _ = await asyncio.gather(
            self._scoring.outcome(state.run_id, state.question), self._announce(state)
        )
        ranked = standings(totals)
        await self._leaderboard.publish(state.run_id, totals, version=state.version)
        reveal = await self._reveal(facts, state, ranked, tallied)
        snapshot = facts.snapshot(state).model_copy(update={"reveal": reveal})
        await self._publisher.store_and_publish(snapshot, "question.closed")
        await self.publish_answers(state.run_id, state.question)
        return StandingsSummary(players=len(ranked), top=tuple(lines(ranked, PODIUM_LINES)))

    @activity.defn(name=contract.FINISH_RUN)
    async def finish_run(self, step: StepInput) -> RunResult:
        """Score the last answers, store the final standings and publish the end of the run."""
        state = step.state
        facts = await self._facts.get(state.run_id)
        final = state.model_copy(update={"due": None, "phase": state.final_phase})
        totals, stored = await self._close(facts, state, final)
        outcome = stored.outcome or Outcome.of([])
        ended: EventType = (
            "run.finished" if stored.state.phase is Phase.FINISHED else "run.cancelled"
        )
        await self._leaderboard.publish(state.run_id, totals, version=stored.state.version)
        await self._publisher.publish(stored, ended)
        # Even if this attempt scored nothing: an earlier one may have failed before publishing. The
        # last question, too, because the host may have ended the run before its reveal. Consumers
        # drop duplicates by id.
        for scored_in in (state.question, state.question_count):
            await self.publish_answers(state.run_id, scored_in)
        return RunResult(
            run_id=state.run_id,
            phase=stored.state.phase.value,
            players=outcome.players,
            questions=state.question + 1,
            podium=tuple(outcome.podium),
        )

    async def _announce(self, state: RunState) -> None:
        """Let the gateways of a large run read what the question brought their players, while these
        are being ranked. Each attempt says so again, because it may have scored more answers.
        """
        if state.players < ANNOUNCED_PLAYERS:
            return
        scored = RoomChanged(
            run_id=state.run_id, change="scored", key=str(uuid.uuid4()), question=state.question
        )
        await self._producer.room_changed(scored)

    async def _close(
        self, facts: RunFacts, state: RunState, final: RunState
    ) -> tuple[list[Total], RunSnapshot]:
        """Return the final totals and snapshot; those of an earlier attempt if it stored them.

        Raises `unavailable` while players keep answering or joining.
        """
        for attempt in range(CLOSE_ATTEMPTS):
            await asyncio.sleep(attempt * CLOSE_BACKOFF_S)
            await score_run(self._scoring, facts, state, scored_in=state.question_count)
            totals = await self._scoring.totals(state.run_id)
            ranked = standings(totals)
            snapshot = self._final_snapshot(facts, final, ranked)
            stored = await self._scoring.finish(snapshot, ranked, now_ms())
            if stored is not None:
                return totals, stored
        raise QuizrunError(ErrorCode.UNAVAILABLE, "Answers are still arriving; try again.")

    async def _reveal(
        self, facts: RunFacts, state: RunState, ranked: list[Standing], tallied: list[Tallied]
    ) -> Reveal:
        index = state.question
        question = facts.question(index)
        counts = [(one.answer, one.given) for one in tallied]
        shown = distribution(question, counts, shown_for(question, index, facts.run.seed))
        if state.settings.moderate_answers and isinstance(question, TextQuestion):
            choices = await self._moderation.of(state.run_id, index)
            shown = shown_lines(typed_lines(counts, question.correct.accepted), choices)
        return Reveal(
            question=index,
            solution=solution(question, index, facts.run.seed),
            explanation=question.explanation,
            distribution=shown,
            answered=sum(one.given for one in tallied),
            correct=sum(one.correct for one in tallied) if question.scored else None,
            leaderboard=lines(ranked, LEADERBOARD_LINES),
        )

    def _final_snapshot(
        self, facts: RunFacts, final: RunState, ranked: list[Standing]
    ) -> RunSnapshot:
        return facts.snapshot(final).model_copy(update={"outcome": Outcome.of(ranked)})

    async def publish_answers(self, run_id: str, question: int) -> None:
        """Publish the answers scored with this question, including late rows of earlier ones.

        Call it once nothing more can be scored with the question.
        """
        scored = await self._scoring.scored_in(run_id, question)
        await self._producer.answers(
            [
                AnswerRecorded(
                    run_id, row.question, row.player_id, row.answer, row.elapsed_ms, row.received_at
                )
                for row in scored
            ]
        )
        await self._producer.scores(
            [
                AnswerScored(
                    run_id,
                    row.question,
                    row.player_id,
                    row.points,
                    row.bonus,
                    row.correct,
                    scored_in=question,
                )
                for row in scored
            ]
        )
