"""Publish corrected scores from an outbox, so that a crash loses none."""

from __future__ import annotations

import asyncio
import random

import structlog

from bus.messages import AnswerScored
from bus.producer import Producer
from db.corrected_scores import CorrectedScores, UnpublishedCorrection
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

INTERVAL_S = 20.0
GRACE_MS = 30_000
"""How long the gateway that made a correction has to publish it before others step in."""

_log = structlog.get_logger()


class CorrectedScorePublisher:
    """Drains the outbox of corrected scores.

    Every gateway may do so: duplicates, from two gateways or after a crash, have equal event ids.
    """

    def __init__(self, scores: CorrectedScores, producer: Producer) -> None:
        self._scores = scores
        self._producer = producer

    async def publish_pending(self, before: int) -> int:
        """Publish the corrections made at `before` (epoch ms) or earlier, oldest first.

        Returns how many were published. Raises `unavailable`; the rest stay in the outbox.
        """
        waiting = await self._scores.unpublished(before)
        for correction in waiting:
            await self._publish(correction)
        return len(waiting)

    async def run(self, *, every_s: float = INTERVAL_S, grace_ms: int = GRACE_MS) -> None:
        """Publish what other gateways left behind, about every `every_s`, until cancelled."""
        while True:
            # Jitter: gateways that start together should not all query in the same second.
            await asyncio.sleep(every_s * random.uniform(0.5, 1.5))  # noqa: S311
            try:
                await self.publish_pending(now_ms() - grace_ms)
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
