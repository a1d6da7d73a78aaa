"""Extra time for individual players.

A factor is a percentage of a question's time limit: 100 is the limit itself, and `NO_LIMIT` lets a
player answer until the question closes for everyone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from quiz.record import Record

Percent = Literal[100, 125, 150, 200, 0]
NORMAL: Percent = 100
NO_LIMIT: Percent = 0

NO_LIMIT_MS = 600_000
"""How long a question stays open for a player without a limit, at least. It is bounded because a
run must end even if nobody answers or skips the question.
"""
NO_LIMIT_SCALE: Percent = 200
"""The factor used to score a player without a limit, whose window has no length of its own: the
largest finite one. Later answers score like one at its end.
"""


def scale(percent: int) -> int:
    """Return the factor to score with, as a percentage; never 0."""
    return percent or NO_LIMIT_SCALE


def window_ms(time_limit_ms: int, percent: int) -> int:
    """Return how long a player with this factor may answer; never less than the time limit."""
    if percent == NO_LIMIT:
        return max(NO_LIMIT_MS, window_ms(time_limit_ms, NO_LIMIT_SCALE))
    return max(time_limit_ms, time_limit_ms * percent // 100)


def longest(percents: Iterable[int]) -> int:
    """Return the factor with the longest window; `NORMAL` if there are none."""
    return max((NORMAL, *percents), key=_length)


def within(percent: int, limit: int) -> bool:
    """Return whether `percent` is at most `limit`."""
    return _length(percent) <= _length(limit)


class ExtraTime(Record):
    """A player's factor: `percent` from question `from_question` on, `before` for earlier ones.

    A change never affects a question that has already opened.
    """

    percent: Annotated[int, Field(ge=0, le=1_000)] = NORMAL
    before: Annotated[int, Field(ge=0, le=1_000)] = NORMAL
    from_question: int = 0

    def at(self, question: int) -> int:
        """Return the factor for this question."""
        return self.percent if question >= self.from_question else self.before


def _length(percent: int) -> int:
    return 1_000_000 if percent == NO_LIMIT else percent
