"""The batches of a gateway: reads and writes of many clients, made a few statements."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from db.answers import AnswerKey, AnswerRow, OwnAnswer, Recorded
from db.batching import BatchWriter
from db.players import Joined, JoinRequest, Returning
from db.stores import PlayStores
from gateway.live.queue_metrics import QueueMetrics
from gateway.live.tracing import AnswerTraces

ANSWERS_GATHER_S = 0.01
"""How long answers of a stream are gathered (ADR 8). Nobody notices, and a room of 2,000 costs the
gateway less than half, PostgreSQL a third. An answer that comes alone does not wait.
"""


class Queues:
    """Answers and joins to write; returning players and their answers to read."""

    def __init__(
        self,
        stores: PlayStores,
        metrics: QueueMetrics,
        traces: AnswerTraces | None,
        answer_writers: int,
        pins: BatchWriter[Any, Any],
    ) -> None:
        """`pins` is measured with the others; it runs by itself, since HTTP requests use it too."""
        record = stores.answers.record_batch
        self.answers: BatchWriter[AnswerRow, Recorded] = BatchWriter(
            partial(traces.record, record) if traces else record,
            begin=None if traces else stores.answers.begin_batch,
            max_batch=1_000,
            gather_s=ANSWERS_GATHER_S,
            workers=answer_writers,
            name="answers",
            observe=metrics.observer("answers"),
        )
        self.joins: BatchWriter[JoinRequest, Joined] = BatchWriter(
            stores.players.join_batch, name="joins", observe=metrics.observer("joins")
        )
        self.returning: BatchWriter[str, Returning | None] = BatchWriter(
            stores.players.returning,
            name="returning players",
            observe=metrics.observer("returning players"),
        )
        self.own_answers: BatchWriter[AnswerKey, OwnAnswer | None] = BatchWriter(
            stores.answers.own_many, name="own answers", observe=metrics.observer("own answers")
        )
        self.back: BatchWriter[str, bool] = BatchWriter(
            stores.departures.back, name="back in lobby", observe=metrics.observer("back in lobby")
        )
        self._all: tuple[BatchWriter[Any, Any], ...] = (
            self.answers,
            self.joins,
            self.returning,
            self.own_answers,
            self.back,
        )
        metrics.watch((*self._all, pins))

    def start(self) -> None:
        """Begin to read and write."""
        for queue in self._all:
            queue.start()

    async def stop(self) -> None:
        """Refuse new items, and finish those that were taken."""
        await asyncio.gather(*(queue.stop() for queue in self._all))
