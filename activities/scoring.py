"""Scoring the answers to a closed question."""

from __future__ import annotations

import asyncio
import time

import structlog
from temporalio import activity

from activities.facts import FactsCache, RunFacts
from activities.publisher import SnapshotPublisher
from db.scoring import ScoreInput, Scoring
from quiz.run import RunState
from quiz.scoring import QuestionScorer, Score, ScoreCounts
from quiz.streaks import StreakRules
from telemetry.clock import now_ms
from telemetry.tracing import step
from workflows import contract
from workflows.contract import StepInput

log = structlog.get_logger(__name__)

PLAYERS_PER_SHARD = 5_000
"""Shards help databases with more than two cores (docs/benchmarks.md)."""
MAX_SHARDS = 4


def shards_for(players: int) -> int:
    """Return the number of parallel transactions in which to score a run of this size."""
    return min(MAX_SHARDS, 1 + players // PLAYERS_PER_SHARD)


async def score_run(
    scoring: Scoring, facts: RunFacts, state: RunState, *, scored_in: int | None = None
) -> ScoreCounts:
    """Score every unscored answer of the run; exactly once, however often this is called.

    At the end of the run `scored_in` is `question_count`; see `Scoring.score_run`.
    """
    settings = state.settings
    scorers: dict[int, QuestionScorer] = {}

    def score(row: ScoreInput) -> Score:
        scorer = scorers.get(row.question)
        if scorer is None:
            scorer = scorers[row.question] = QuestionScorer(
                facts.question(row.question),
                scoring=settings.effective_scoring,
                shown=facts.shown(row.question),
            )
        return scorer.score(row.answer, row.elapsed_ms, row.extra_time)

    return await scoring.score_run(
        state.run_id,
        state.question,
        score,
        scored_in=scored_in,
        shards=shards_for(state.players),
        streaks=StreakRules(facts.quiz.scored_questions, settings.streak_bonus),
    )


class ScoringActivities:
    """The activity that scores answers."""

    def __init__(
        self, facts: FactsCache, scoring: Scoring, publisher: SnapshotPublisher, *, settle_ms: int
    ) -> None:
        self._facts = facts
        self._scoring = scoring
        self._publisher = publisher
        self._settle_ms = settle_ms

    @activity.defn(name=contract.SCORE_ANSWERS)
    async def score_answers(self, closing: StepInput) -> ScoreCounts:
        """Publish `question.closing`, wait out the settle time, and score the answers."""
        state = closing.state
        assert state.over_at is not None
        facts = await self._facts.get(state.run_id)
        await self._publisher.store_and_publish(facts.snapshot(state), "question.closing")
        settled_at = state.over_at + self._settle_ms
        with step("wait for late answers"):
            await asyncio.sleep(max(0, settled_at - now_ms()) / 1000)
        began = time.perf_counter()
        with step("score answers"):
            counts = await score_run(self._scoring, facts, state)
        log.info(
            "question.scored",
            run_id=state.run_id,
            version=state.version,
            question=state.question,
            answered=counts.answered,
            scored=counts.scored,
            late=counts.late,
            duration_ms=round((time.perf_counter() - began) * 1000),
        )
        return counts
