"""The window in which answers to a question count, and the refusals outside of it."""

from __future__ import annotations

from dataclasses import dataclass

from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL, window_ms
from quiz.run import Phase, RunState

ANSWER_GRACE_MS = 250
"""Network grace: how long after closing an answer is accepted (scored as at the time limit)."""

REFUSED_BY_TIME = frozenset(
    {
        ErrorCode.PAUSED,
        ErrorCode.QUESTION_CLOSED,
        ErrorCode.QUESTION_NOT_OPEN,
        ErrorCode.RUN_FINISHED,
    }
)
"""Refusals that depend only on time: an answer that was recorded earlier is still acknowledged when
it is sent again."""


@dataclass(frozen=True, slots=True)
class Window:
    """When `question` accepts answers (epoch ms), shifted by its pauses so far.

    Between `closes_at` and `last_closes_at` only players with extra time may answer; it is None if
    nobody has any.
    """

    question: int
    opens_at: int
    closes_at: int
    last_closes_at: int | None = None

    @classmethod
    def of(cls, state: RunState) -> Window | None:
        """Return the current window; None while no question is open."""
        if state.phase is not Phase.QUESTION or state.paused:
            return None
        assert state.opens_at is not None
        assert state.closes_at is not None
        opens_at = state.opens_at + state.paused_ms
        return cls(state.question, opens_at, state.closes_at, state.last_closes_at)

    def elapsed_ms(self, question: int, received_at: int, extra_time: int = NORMAL) -> int | None:
        """Return the elapsed time of an answer, without pauses; None if it does not count.

        `extra_time` is the player's factor (`quiz.extra_time`).
        """
        closes_at = self.closes_at if extra_time == NORMAL else self.closes_for(extra_time)
        if (
            question == self.question
            and self.opens_at <= received_at <= closes_at + ANSWER_GRACE_MS
        ):
            return received_at - self.opens_at
        return None

    def closes_for(self, extra_time: int) -> int:
        """Return when the question closes for a player with this factor (epoch ms)."""
        if self.last_closes_at is None:
            return self.closes_at
        limit_ms = self.closes_at - self.opens_at
        return min(self.last_closes_at, self.opens_at + window_ms(limit_ms, extra_time))

    def over_for(self, extra_time: int, now: int) -> bool:
        """Return whether a player with this factor can no longer answer at `now` (epoch ms)."""
        return now - ANSWER_GRACE_MS > self.closes_for(extra_time)


def why_refused(
    state: RunState, question: int, received_at: int, *, overdue: bool = False
) -> QuizrunError:
    """Return the refusal of an answer outside its window.

    Its code is `run_finished`, `question_not_open`, `question_closed`, `paused`, or
    `payload_invalid` if the quiz has no such question. A question that was published `overdue`,
    after its opening, may be moved, so it is not reported as closed.
    """
    if question >= state.question_count:
        return QuizrunError(ErrorCode.PAYLOAD_INVALID, "The quiz has no such question.")
    if state.phase.over:
        return QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
    if question > state.question:
        return _not_open()
    if question < state.question or state.phase is not Phase.QUESTION or state.due is not None:
        return _closed()  # `due` is set once the question has closed, even in a paused run
    if state.paused:
        return QuizrunError(ErrorCode.PAUSED, "The run is paused.")
    assert state.opens_at is not None
    early = received_at < state.opens_at + state.paused_ms
    return _not_open() if early or overdue else _closed()


def _not_open() -> QuizrunError:
    return QuizrunError(ErrorCode.QUESTION_NOT_OPEN, "The question is not open yet.")


def _closed() -> QuizrunError:
    return QuizrunError(ErrorCode.QUESTION_CLOSED, "The question has closed.")
