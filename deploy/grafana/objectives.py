"""The objectives of docs/slo.md for use in panels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Objective:
    """`slo` is the label of recorded series, `budget` the share of events that may be bad."""

    slo: str
    budget: float
    alert: str


OBJECTIVES = (
    Objective("answers", 0.01, "QuizrunAnswersSlow"),
    Objective("questions", 0.005, "QuizrunQuestionsLate"),
    Objective("reveals", 0.01, "QuizrunRevealsLate"),
    Objective("availability", 0.001, "QuizrunUnavailable"),
)
BUDGETS = {one.slo: one.budget for one in OBJECTIVES}
ANSWER_S = 0.2
REVEAL_S = 2.0
PAGE_BURN_RATE = 14.4
"""Someone is paged at this burn rate over both an hour and five minutes."""
