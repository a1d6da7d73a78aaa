"""Scoring the answers to a question that has closed."""

from __future__ import annotations

import asyncio
import time

import structlog
from temporalio import activity

from activities.announcer import Announcer
from activities.facts import FactsCache, RunFacts
from db.scoring import ScoreInput, Scoring
from quiz.run import RunState
from quiz.scoring import Score, score_answer
from telemetry.clock import now_ms
from telemetry.tracing import step
from workflows import contract
from workflows.contract import ScoreCounts, StepInput

log = structlog.get_logger(__name__)

PLAYERS_PER_SHARD = 5_000
"""On two cores shards gain nothing (docs/benchmarks.md); they are for databases with more."""
MAX_SHARDS = 4


def shards_for(players: int) -> int:
    """Into how many parallel transactions the scoring of a room is split."""
    return min(MAX_SHARDS, 1 + players // PLAYERS_PER_SHARD)


async def score_run(
    scoring: Scoring, facts: RunFacts, state: RunState, *, scored_in: int | None = None
) -> ScoreCounts:
    """Every unscored answer of the run gets its points, exactly once however often this is run.

    At the end of the run `scored_in` is `question_count`; see `Scoring.score_run`.
    """
    settings = state.settings

    def score(row: ScoreInput) -> Score:
        return score_answer(
            facts.question(row.question),
            row.answer,
            row.elapsed_ms,
            scoring=settings.effective_scoring,
            shown=facts.shown(row.question),
            extra_time=row.extra_time,
        )

    counts = await scoring.score_run(
        state.run_id,
        state.question,
        score,
        scored_in=scored_in,
        shards=shards_for(state.players),
        streak_bonus=settings.streak_bonus,
        counts_streak=lambda index: facts.question(index).scored,
    )
    return ScoreCounts(answered=counts.answered, scored=counts.scored, late=counts.late)


class ScoringActivities:
    """The step `score`."""

    def __init__(
        self, facts: FactsCache, scoring: Scoring, announcer: Announcer, *, settle_ms: int
    ) -> None:
        self._facts = facts
        self._scoring = scoring
        self._announcer = announcer
        self._settle_ms = settle_ms

    @activity.defn(name=contract.SCORE_ANSWERS)
    async def score_answers(self, given: StepInput) -> ScoreCounts:
        """Tells the gateways that the question is closing, waits out the settle time, scores."""
        state = given.state
        assert state.over_at is not None
        facts = await self._facts.get(state.run_id)
        await self._announcer.announce(facts.snapshot(state), "question.closing")
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
