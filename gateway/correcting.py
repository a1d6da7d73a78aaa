"""Correct a question's solution after the run, in every store."""

from __future__ import annotations

import structlog

from bus.messages import RunEvent
from bus.producer import Producer
from db.corrections import Corrected, Corrections
from db.leaderboard import Leaderboard
from db.run_state import RunStates
from db.runs import Run, Runs
from db.scoring import Scoring
from gateway.corrected_scores import CorrectedScorePublisher
from quiz.errors import QuizrunError
from quiz.events import EventType
from quiz.rulings import Verdict, ruling_on
from quiz.run import Phase
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms

_log = structlog.get_logger()


class Corrector:
    """Rescores runs and publishes the new scores."""

    def __init__(
        self,
        runs: Runs,
        corrections: Corrections,
        scoring: Scoring,
        run_states: RunStates,
        leaderboard: Leaderboard,
        producer: Producer,
        scores: CorrectedScorePublisher,
    ) -> None:
        self._runs = runs
        self._corrections = corrections
        self._scoring = scoring
        self._run_states = run_states
        self._leaderboard = leaderboard
        self._producer = producer
        self._scores = scores

    async def correct(
        self, run: Run, question: int, verdict: Verdict, correct: object, *, host_id: str
    ) -> Corrected:
        """Apply the verdict and rescore the run. Idempotent.

        PostgreSQL changes in one transaction that raises the run's version, so the state that Redis
        and the gateways still hold is recognised as stale even if they miss the event.
        """
        quiz = await self._runs.content(run.quiz_id, run.quiz_version)
        ruling = ruling_on(quiz.questions[question], verdict, correct)
        done = await self._corrections.correct(
            run, quiz, question, ruling, host_id=host_id, now=now_ms()
        )
        if done.snapshot is not None:
            _log.info(
                "run.corrected",
                run_id=run.id,
                version=done.snapshot.state.version,
                question=question,
                verdict=verdict,
                answers=done.answers,
            )
            await self._publish(done.snapshot)
        return done

    async def _publish(self, snapshot: RunSnapshot) -> None:
        state = snapshot.state
        await self._run_states.save(snapshot)
        totals = await self._scoring.totals(state.run_id)
        await self._leaderboard.publish(state.run_id, totals, version=state.standings_version)
        kind: EventType = "run.finished" if state.phase is Phase.FINISHED else "run.cancelled"
        event = RunEvent(type=kind, version=state.version, snapshot=snapshot)
        try:
            await self._producer.run_event(event)
            await self._scores.publish_pending(now_ms())
        except QuizrunError as error:
            # Gateways compare their rooms with the stores periodically, and every gateway drains
            # the outbox of corrected scores.
            _log.warning("run.correction_not_published", run_id=state.run_id, error=error)
