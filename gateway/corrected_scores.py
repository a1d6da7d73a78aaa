"""Telling consumers of the event stream what a correction has changed, also after a crash."""

from __future__ import annotations

import asyncio
import random

import structlog

from bus.messages import AnswerScored
from bus.producer import Producer
from db.corrected_scores import CorrectedScores, UnpublishedCorrection
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

EVERY_S = 20.0
OWN_TIME_MS = 30_000
"""How long a correction is left to the gateway that made it."""

_log = structlog.get_logger()


class CorrectedScorePublisher:
    """Empties the outbox of corrected scores. Any gateway may do it; what two of them send, or one
    again after a crash, has the same event ids.
    """

    def __init__(self, scores: CorrectedScores, producer: Producer) -> None:
        self._scores = scores
        self._producer = producer

    async def publish_waiting(self, before: int) -> int:
        """Publish the corrections made at `before` (epoch ms) or earlier that wait, the oldest
        first; return how many. Raises `unavailable`: those that are left wait for the next call.
        """
        waiting = await self._scores.unpublished(before)
        for correction in waiting:
            await self._publish(correction)
        return len(waiting)

    async def run(self, *, every_s: float = EVERY_S, own_time_ms: int = OWN_TIME_MS) -> None:
        """Publish what others have left, about every `every_s`, until cancelled."""
        while True:
            # Gateways that start together need not all do it in the same second.
            await asyncio.sleep(every_s * random.uniform(0.5, 1.5))  # noqa: S311
            try:
                await self.publish_waiting(now_ms() - own_time_ms)
            except QuizrunError as error:
                _log.info("corrections.not_published", error=error)
            except Exception:  # noqa: BLE001  (the outbox must not stay full)
                _log.exception("corrections.not_published")

    async def _publish(self, correction: UnpublishedCorrection) -> None:
        run_id, number = correction.run_id, correction.number
        count = 0
        for question in range(correction.questions):
            changed = [
                AnswerScored(
                    run_id=run_id,
                    question=row.question,
                    player_id=row.player_id,
                    points=row.points,
                    bonus=row.bonus,
                    correct=row.correct,
                    scored_in=row.scored_in,
                    correction=number,
                )
                for row in await self._scores.changed(run_id, number, question)
            ]
            await self._producer.scores(changed)
            count += len(changed)
        await self._scores.published(run_id, number, now_ms())
        _log.info("corrections.published", run_id=run_id, answers=count)
