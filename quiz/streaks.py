"""Streaks: correct answers in a row, and the bonus for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

STREAK_STEP = 100
STREAK_MAX = 500


def streak_bonus(streak: int) -> int:
    """Return the bonus for the last of `streak` correct answers in a row: 0, 100, … 500."""
    return min(STREAK_STEP * max(0, streak - 1), STREAK_MAX)


def streak_after(streak: int, *, correct: bool) -> int:
    """Return a player's streak after one more question; a missed one counts as not correct."""
    return streak + 1 if correct else 0


@dataclass(frozen=True, slots=True)
class StreakRules:
    """How streaks work in a run: which questions count, and whether streaks earn a bonus.

    Questions without a correct answer, such as polls, neither lengthen a streak nor end it.
    """

    counted: Collection[int] | None = None
    """The indexes of the questions that count; None: all."""
    bonuses: bool = False

    def counts(self, question: int) -> bool:
        """Return whether the question counts."""
        return self.counted is None or question in self.counted

    def bonus(self, streak: int) -> int:
        """Return the bonus of an answer that extends the streak to this length."""
        return streak_bonus(streak) if self.bonuses else 0

    def counted_before(self, question: int) -> int | None:
        """Return the last question before this one that counts; None if there is none."""
        return next((index for index in range(question - 1, -1, -1) if self.counts(index)), None)

    def recount(self, answers: Mapping[int, bool], asked: int) -> dict[int, int]:
        """Recount a player's streak after each question that counts.

        `answers` maps answered questions to whether the answer was correct. Missed questions end a
        streak if they were `asked` at the latest; later ones count only if the player answered.
        """
        beyond = sorted(index for index in answers if index > asked)
        streak, after = 0, {}
        for index in (*range(asked + 1), *beyond):
            if self.counts(index):
                streak = streak_after(streak, correct=answers.get(index, False))
                after[index] = streak
        return after


ALL_COUNT = StreakRules()
"""Every question counts, and streaks earn no bonus."""
