"""Players' answers: checked, recorded, and acknowledged after the commit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from db.answers import AnswerKey, AnswerRow, OwnAnswer, Recorded
from db.batching import BatchWriter
from gateway.live.inbound.replies import Reply, Result
from gateway.live.protocol.encode import Encoded, encode_recorded
from gateway.live.room.answers import KnownAnswer
from gateway.live.room.question_shapes import QuestionShapes
from gateway.live.room.room import Room
from quiz.answers import Answer
from quiz.errors import QuizrunError
from quiz.extra_time import NORMAL
from quiz.window import REFUSED_BY_TIME, why_refused


@dataclass(slots=True, eq=False)
class Attempt:
    """An answer that was received at `received_at` (epoch ms), until it is acknowledged.

    Ten thousand may be on their way to the table: each is one object from here to the
    acknowledgement, because the garbage collector visits them all.
    """

    room: Room
    player_id: str
    question: int
    raw: Any
    received_at: int
    reply: Reply
    traceparent: Any = None
    """As the client sent it, unchecked; for `gateway.live.tracing`."""
    answer: Answer | None = None
    """What `raw` was parsed as."""

    def settle(self, outcome: Recorded | Exception) -> None:
        """Acknowledge the answer once it is committed, or could not be."""
        if isinstance(outcome, Exception):
            self.reply.send(outcome)
            return
        elapsed_ms, repeated = outcome
        known = KnownAnswer(self.answer, elapsed_ms)
        self.room.record(self.question, self.player_id, known, repeated=repeated)
        self.reply.send(encode_recorded(elapsed_ms))


class Answering:
    """Checks and records answers."""

    def __init__(
        self,
        writer: BatchWriter[AnswerRow, Recorded],
        own_answers: BatchWriter[AnswerKey, OwnAnswer | None],
        shapes: QuestionShapes,
    ) -> None:
        """`own_answers` reads stored answers: when a question is moved, all its players resend."""
        self._writer = writer
        self._own_answers = own_answers
        self._shapes = shapes
        self._look_ups: set[asyncio.Task[None]] = set()

    def answer(self, attempt: Attempt) -> None:
        """Record an answer and reply after the commit, or raise at once why it does not count.

        A resent answer gets the same acknowledgement, even when the question has closed
        meanwhile: the first acknowledgement may have been lost.
        """
        room, question, received_at = attempt.room, attempt.question, attempt.received_at
        window, elapsed_ms = room.window, None
        extra_time: int = NORMAL
        if window is not None:
            if window.last_closes_at is not None:
                extra_time = room.extra_time(attempt.player_id)
            elapsed_ms = window.elapsed_ms(question, received_at, extra_time)
        if elapsed_ms is None:
            refusal = why_refused(room.state, question, received_at, overdue=room.overdue)
            self._repeat(attempt, refusal)
            return
        answer = attempt.answer = room.parse_answer(question, attempt.raw)
        row = AnswerRow(
            room.run_id, question, attempt.player_id, answer, elapsed_ms, received_at, extra_time
        )
        self._writer.put(row, attempt)

    def _repeat(self, attempt: Attempt, refusal: QuizrunError) -> None:
        if refusal.code not in REFUSED_BY_TIME:
            raise refusal
        room, question = attempt.room, attempt.question
        known = room.answers.get(attempt.player_id) if question == room.question else None
        if known is not None and known.elapsed_ms is not None:
            attempt.reply.send(_same_again(attempt, known.answer, known.elapsed_ms) or refusal)
        elif question > room.question:
            raise refusal
        else:
            task = asyncio.create_task(self._look_up(attempt, refusal))
            self._look_ups.add(task)
            task.add_done_callback(self._look_ups.discard)

    async def _look_up(self, attempt: Attempt, refusal: QuizrunError) -> None:
        """Compare a resent answer with the table."""
        result: Result = refusal
        try:
            key = AnswerKey(attempt.room.run_id, attempt.question, attempt.player_id)
            own = await self._own_answers.submit(key)
            if own is not None:
                await self._shapes.learn(attempt.room, attempt.question)
                result = _same_again(attempt, own.answer, own.elapsed_ms) or refusal
        except Exception as error:  # noqa: BLE001  (whatever it is, the player waits for it)
            result = error
        attempt.reply.send(result)


def _same_again(attempt: Attempt, stored: Answer | None, elapsed_ms: int) -> Encoded | None:
    """Return the acknowledgement of the stored answer; None if that is a different one."""
    if not _same(attempt.room, attempt.question, stored, attempt.raw):
        return None
    return encode_recorded(elapsed_ms)


def _same(room: Room, question: int, stored: Answer | None, raw: Any) -> bool:
    try:
        return room.parse_answer(question, raw) == stored
    except QuizrunError:
        return False
