"""Extra time for single players: how long their own answer windows are, exact in whole numbers.

A factor is a whole percentage of a question's time limit: 100 is the limit itself, and `NO_LIMIT`
lets a player answer until the question closes for everyone.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from quiz.record import Record

Percent = Literal[100, 125, 150, 200, 0]
NORMAL: Percent = 100
NO_LIMIT: Percent = 0

NO_LIMIT_MS = 600_000
"""How long a question stays open at least for a player without a limit. A run must end by itself
though nobody skips the question and nobody answers it.
"""
NO_LIMIT_SCALE: Percent = 200
"""The factor by which points fall for a player without a limit: there is no window to measure by,
so the longest one that has an end is used, and what comes later earns what its last moment does.
"""


def scale(percent: int) -> int:
    """The percentage by which a player's clock is slowed for points: never 0."""
    return percent or NO_LIMIT_SCALE


def scaled_ms(elapsed_ms: int, percent: int) -> Fraction:
    """The time that an answer would have taken within the normal window."""
    return Fraction(elapsed_ms * 100, scale(percent))


def window_ms(time_limit_ms: int, percent: int) -> int:
    """How long a player with this factor may answer; never less than the time limit."""
    if percent == NO_LIMIT:
        return max(NO_LIMIT_MS, window_ms(time_limit_ms, NO_LIMIT_SCALE))
    return max(time_limit_ms, time_limit_ms * percent // 100)


def longest(percents: Iterable[int]) -> int:
    """The factor of the longest window; `NORMAL` where there is none."""
    return max((NORMAL, *percents), key=_length)


def within(percent: int, most: int) -> bool:
    """Whether a player may take `percent` where `most` is the most that players may take."""
    return _length(percent) <= _length(most)


class ExtraTime(Record):
    """A player's factor. It holds for questions from `from_question` on, `before` for those
    that were opened earlier: a question keeps the windows that it was opened with.
    """

    percent: Annotated[int, Field(ge=0, le=1_000)] = NORMAL
    before: Annotated[int, Field(ge=0, le=1_000)] = NORMAL
    from_question: int = 0

    def at(self, question: int) -> int:
        """The factor for this question."""
        return self.percent if question >= self.from_question else self.before

    @property
    def normal(self) -> bool:
        """Whether the player has no extra time, now or before."""
        return self.percent == self.before == NORMAL


def _length(percent: int) -> int:
    return 1_000_000 if percent == NO_LIMIT else percent
