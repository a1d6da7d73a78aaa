"""A finished run with all its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.expected import Expected, Stored
from tests.chaos.records import Record, RunRecord

LATE_MS = 2_000
"""A reveal follows its question's end after the settle time and scoring."""


class RunCase:
    """The input of a run's checks. During the periods `apart` (epoch ms) a gateway may have been
    unable to announce its players.
    """

    def __init__(
        self,
        run: RunRecord,
        players: Sequence[Record],
        stored: Stored,
        apart: Sequence[tuple[float, float]] = (),
    ) -> None:
        self.run = run
        self.players = [player for player in players if player.player_id]
        self.stored = stored
        self.apart = apart
        shown = _options_shown(self.players)
        self.expected = Expected(run.plan.quiz, run.plan.settings, stored, shown)
        self.opened = _opened(self.players)
        self.late = {
            (question, player)
            for question, player in stored.answers
            if self._came_late(question, player)
        }
        """Question and player of answers that a reveal may lack; later ones and the end may not."""

    def _came_late(self, question: int, player_id: str) -> bool:
        """Whether an answer may have been stored after its question was scored: it was scored with
        a later one, never acknowledged, or acknowledged shortly before the reveal.
        """
        if self.stored.answers[question, player_id].scored_in != question:
            return True
        ack = next(
            (one.acks.get(question) for one in self.players if one.player_id == player_id), None
        )
        revealed = min(
            (
                heard.at
                for player in self.players
                for heard in player.heard
                if heard.event == "reveal" and heard.args[0]["question"] == question
            ),
            default=0.0,
        )
        return ack is None or ack.at > revealed - LATE_MS


def _options_shown(players: Sequence[Record]) -> dict[int, list[str]]:
    """The options of each question as shown."""
    shown: dict[int, list[str]] = {}
    for player in players:
        for heard in player.heard:
            question = heard.args[0] if heard.event == "question" else {}
            if heard.event == "snapshot":
                question = heard.args[0].get("question") or {}
            if question:
                options = question.get("options") or []
                assert shown.setdefault(question["question"], options) == options
    return shown


def _opened(players: Sequence[Record]) -> dict[int, int]:
    """The latest opening time published for each question."""
    opened: dict[int, int] = {}
    for player in players:
        for heard in player.heard:
            if heard.event == "question":
                question = heard.args[0]
                at = max(question["opens_at"], opened.get(question["question"], 0))
                opened[question["question"]] = at
    return opened
