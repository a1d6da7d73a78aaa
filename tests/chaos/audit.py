"""Every promise about a run, and its check."""

from __future__ import annotations

from dataclasses import dataclass

from tests.chaos import client_checks as told
from tests.chaos import stored_checks as stored
from tests.chaos.case import RunCase

PROMISES = {
    "every run ends in good order": stored.ends,
    "an acknowledged answer is stored once, as acknowledged": stored.answers_kept,
    "what is stored was given, and not refused at its only try": stored.answers_given,
    "every answer is scored by the formula": stored.scores,
    "totals, streaks and ranks are exact": stored.totals,
    "who joined is a player, who was kicked is none": stored.roster,
    "the end tells everyone the truth": told.outcomes,
    "a reveal tells everyone the truth": told.reveals,
    "versions never go back": told.versions,
    "what is shown never goes back": told.order,
    "nobody's time is shortened": told.times,
    "a snapshot knows the answers": told.snapshots,
    "replies agree, and solutions stay secret": told.contradictions,
}


@dataclass(frozen=True)
class Violation:
    """A broken promise and its evidence."""

    promise: str
    run: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.promise} [{self.run}]: {self.evidence}"


def audit(case: RunCase) -> list[Violation]:
    """Every broken promise of a run."""
    return [
        Violation(promise, case.run.run_id, evidence)
        for promise, check in PROMISES.items()
        for evidence in check(case)
    ]
