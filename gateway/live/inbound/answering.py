"""Taking answers: in the window or not, in the right shape or not, and stored before the ack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from db.answers import AnswerRow, Answers, Recorded
from db.batching import BatchWriter
from gateway.live.protocol.encode import Encoded, encode_recorded
from gateway.live.room.answers import KnownAnswer
from gateway.live.room.question_shapes import Shapes
from gateway.live.room.room import Room
from quiz.answers import Answer, parse_answer
from quiz.errors import ErrorCode, QuizrunError
from quiz.window import REFUSED_BY_TIME, why_refused

Told = Encoded | BaseException
Tell = Callable[[Told], None]


@dataclass(slots=True, eq=False)
class Attempt:
    """What a player answers to a question, as it came at `received_at` (epoch ms), and whom to
    `tell`. There may be ten thousand of them on their way to the table: each is one object from
    here to the acknowledgement, because the garbage collector looks at all.
    """

    room: Room
    player_id: str
    question: int
    raw: Any
    received_at: int
    tell: Tell
    traceparent: Any = None
    """As the client sent it, unchecked; for `gateway.live.tracing`."""
    answer: Answer | None = None
    """What `raw` was read as."""

    def __call__(self, outcome: Recorded | Exception) -> None:
        """It is stored, or it could not be."""
        if isinstance(outcome, Exception):
            self.tell(outcome)
            return
        elapsed_ms, repeated = outcome
        known = KnownAnswer(self.answer, elapsed_ms)
        self.room.record(self.question, self.player_id, known, repeated=repeated)
        self.tell(encode_recorded(elapsed_ms))


class Answering:
    """Checks and records answers."""

    def __init__(
        self,
        writer: BatchWriter[AnswerRow, Recorded],
        answers: Answers,
        shapes: Shapes,
    ) -> None:
        self._writer = writer
        self._answers = answers
        self._shapes = shapes
        self._look_ups: set[asyncio.Task[None]] = set()

    def answer(self, attempt: Attempt) -> None:
        """Record what a player answers, and tell after the commit; or raise at once why not.

        The same answer again gets the same acknowledgement, even when the question has closed
        meanwhile: the first acknowledgement may have been lost on its way.
        """
        room, question, received_at = attempt.room, attempt.question, attempt.received_at
        window, elapsed_ms = room.window, None
        extra_time = room.extra_time(attempt.player_id)
        if window is not None:
            elapsed_ms = window.elapsed_ms(question, received_at, extra_time)
        if elapsed_ms is None:
            refusal = why_refused(room.state, question, received_at, overdue=room.overdue)
            self._repeat(attempt, refusal)
            return
        answer = attempt.answer = _parse(room, question, attempt.raw)
        row = AnswerRow(
            room.run_id, question, attempt.player_id, answer, elapsed_ms, received_at, extra_time
        )
        self._writer.put(row, attempt)

    def _repeat(self, attempt: Attempt, refusal: QuizrunError) -> None:
        if refusal.code not in REFUSED_BY_TIME:
            raise refusal
        room, question, tell = attempt.room, attempt.question, attempt.tell
        known = room.answers.get(attempt.player_id) if question == room.question else None
        if known is not None and known.elapsed_ms is not None:
            tell(_same_again(attempt, known.answer, known.elapsed_ms) or refusal)
        elif question > room.question:
            raise refusal
        else:
            task = asyncio.create_task(self._look_up(attempt, refusal))
            self._look_ups.add(task)
            task.add_done_callback(self._look_ups.discard)

    async def _look_up(self, attempt: Attempt, refusal: QuizrunError) -> None:
        """Judge a repeat by what is stored: memory does not know."""
        outcome: Told = refusal
        try:
            own = await self._answers.own(attempt.room.run_id, attempt.question, attempt.player_id)
            if own is not None:
                await self._shapes.learn(attempt.room, attempt.question)
                outcome = _same_again(attempt, own.answer, own.elapsed_ms) or refusal
        except Exception as error:  # noqa: BLE001  (whatever it is, the player waits for it)
            outcome = error
        attempt.tell(outcome)


def _parse(room: Room, question: int, raw: Any) -> Answer:
    shape = room.shape(question)
    if shape is None:
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The question is not known here yet; try again.")
    return parse_answer(*shape, raw)


def _same_again(attempt: Attempt, stored: Answer | None, elapsed_ms: int) -> Encoded | None:
    """The acknowledgement of an answer that is stored already; None if it was another one."""
    if not _same(attempt.room, attempt.question, stored, attempt.raw):
        return None
    return encode_recorded(elapsed_ms)


def _same(room: Room, question: int, stored: Answer | None, raw: Any) -> bool:
    try:
        return _parse(room, question, raw) == stored
    except QuizrunError:
        return False
