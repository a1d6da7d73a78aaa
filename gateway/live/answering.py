"""Taking answers: in the window or not, in the right shape or not, and stored before the ack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from db.answers import AnswerRow, Answers, Recorded
from db.batching import BatchWriter
from gateway.live.encoding import Encoded, encode_recorded
from gateway.live.room import Given, Room
from quiz.answers import Answer, parse_answer
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase, RunState

REPEATABLE = frozenset(
    {
        ErrorCode.PAUSED,
        ErrorCode.QUESTION_CLOSED,
        ErrorCode.QUESTION_NOT_OPEN,
        ErrorCode.RUN_FINISHED,
    }
)
"""Refusals that do not concern an answer which is recorded already and only sent again."""


Told = Encoded | BaseException
Tell = Callable[[Told], None]


class Attempt(NamedTuple):
    """What a player answers to a question, as it came at `received_at` (epoch ms)."""

    room: Room
    player_id: str
    question: int
    raw: Any
    received_at: int


class Answering:
    """Checks and records answers. `grace_ms` is how long after closing one still counts."""

    def __init__(
        self, writer: BatchWriter[AnswerRow, Recorded], answers: Answers, grace_ms: int
    ) -> None:
        self._writer = writer
        self._answers = answers
        self._grace_ms = grace_ms
        self._look_ups: set[asyncio.Task[None]] = set()

    def answer(self, attempt: Attempt, tell: Tell) -> None:
        """Record what a player answers, and `tell` after the commit; or raise at once why not.

        The same answer again gets the same acknowledgement, even when the question has closed
        meanwhile: the first acknowledgement may have been lost on its way.
        """
        room, question = attempt.room, attempt.question
        try:
            elapsed_ms = check_window(room.state, question, attempt.received_at, self._grace_ms)
        except QuizrunError as refusal:
            if refusal.code not in REPEATABLE:
                raise
            self._repeat(attempt, refusal, tell)
            return
        answer = _parse(room, question, attempt.raw)
        if room.snapshot.question is not None:
            limit_ms = room.snapshot.question.time_limit_ms
            elapsed_ms = min(elapsed_ms, limit_ms + self._grace_ms)
        row = AnswerRow(
            room.run_id, question, attempt.player_id, answer, elapsed_ms, attempt.received_at
        )
        self._writer.put(row, _Waiting(room, row, tell))

    def _repeat(self, attempt: Attempt, refusal: QuizrunError, tell: Tell) -> None:
        room, question = attempt.room, attempt.question
        given = room.answers.get(attempt.player_id) if question == room.state.question else None
        if given is not None and given.elapsed_ms is not None:
            tell(_same_again(attempt, given.answer, given.elapsed_ms) or refusal)
        elif question > room.state.question:
            raise refusal
        else:
            task = asyncio.create_task(self._look_up(attempt, refusal, tell))
            self._look_ups.add(task)
            task.add_done_callback(self._look_ups.discard)

    async def _look_up(self, attempt: Attempt, refusal: QuizrunError, tell: Tell) -> None:
        """Judge a repeat by what is stored: memory does not know."""
        outcome: Told = refusal
        try:
            own = await self._answers.own(attempt.room.run_id, attempt.question, attempt.player_id)
            if own is not None:
                outcome = _same_again(attempt, own.answer, own.elapsed_ms) or refusal
        except Exception as error:  # noqa: BLE001  (whatever it is, the player waits for it)
            outcome = error
        tell(outcome)


def check_window(state: RunState, question: int, received_at: int, grace_ms: int) -> int:
    """The `elapsed_ms` to record for an answer that came at `received_at` (epoch ms).

    Raises why it cannot be taken: `run_finished`, `question_not_open`, `question_closed`,
    `paused`, or `payload_invalid` where the quiz has no such question.
    """
    if question != state.question or state.phase is not Phase.QUESTION or state.paused:
        raise _not_now(state, question)
    assert state.opens_at is not None
    assert state.closes_at is not None
    if received_at < state.opens_at + state.paused_ms:
        raise _not_open()
    if received_at > state.closes_at + grace_ms:
        raise _closed()
    return state.elapsed_ms(received_at)


def _not_now(state: RunState, question: int) -> QuizrunError:
    if question >= state.question_count:
        return QuizrunError(ErrorCode.PAYLOAD_INVALID, "The quiz has no such question.")
    if state.phase.over:
        return QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
    if question > state.question:
        return _not_open()
    if question < state.question or state.phase is not Phase.QUESTION or state.due is not None:
        return _closed()  # `due` is set once it has closed, whether or not the clock stands
    return _paused()


def _parse(room: Room, question: int, raw: Any) -> Answer:
    if question not in room.shapes:
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The question is not known here yet; try again.")
    return parse_answer(*room.shapes[question], raw)


@dataclass(slots=True, eq=False)
class _Waiting:
    """An answer on its way to the table. There may be ten thousand of them: it is one object,
    because the garbage collector looks at each.
    """

    room: Room
    row: AnswerRow
    tell: Tell

    def __call__(self, outcome: Recorded | Exception) -> None:
        if isinstance(outcome, Exception):
            self.tell(outcome)
            return
        room, row = self.room, self.row
        if room.state.question == row.question:
            room.answers[row.player_id] = Given(row.answer, outcome.elapsed_ms)
            if not outcome.repeated:
                room.recorded += 1
            if room.all_here_answered:
                room.on_change()
        self.tell(encode_recorded(outcome.elapsed_ms))


def _same_again(attempt: Attempt, stored: Answer | None, elapsed_ms: int) -> Encoded | None:
    """The acknowledgement of an answer that is stored already; None if it was another one."""
    if not _same(attempt.room, attempt.question, stored, attempt.raw):
        return None
    return encode_recorded(elapsed_ms)


def _same(room: Room, question: int, stored: Answer | None, raw: Any) -> bool:
    if question not in room.shapes:
        # Opened before this gateway knew the run. `multiple` is stored sorted.
        loose = sorted(raw, key=str) if isinstance(raw, list) else raw
        return type(raw) is type(stored) and stored in (raw, loose)
    try:
        return _parse(room, question, raw) == stored
    except QuizrunError:
        return False


def _not_open() -> QuizrunError:
    return QuizrunError(ErrorCode.QUESTION_NOT_OPEN, "The question is not open yet.")


def _closed() -> QuizrunError:
    return QuizrunError(ErrorCode.QUESTION_CLOSED, "The question has closed.")


def _paused() -> QuizrunError:
    return QuizrunError(ErrorCode.PAUSED, "The run is paused.")
