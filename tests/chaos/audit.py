"""The invariants of one run, checked on what its players and host saw and what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.host import RunRecord
from tests.chaos.player import Heard, Record
from tests.chaos.truth import Stored, Truth
from tests.system.quizzes import LIMIT_MS

GRACE_MS = 250
SKEW_MS = 200
AWAY_MS = 5_000
"""A player who was away that long before a question may have been left out of those who answer."""
LATE_MS = 2_000
"""A reveal follows its question's end by the settle time and by what scoring takes."""


@dataclass(frozen=True)
class Violation:
    """A broken promise and its evidence."""

    promise: str
    run: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.promise} [{self.run}]: {self.evidence}"


class RunAudit:
    """Checks a run that is over. During `apart` (epoch ms) some gateway could not tell the others
    of its players.
    """

    def __init__(
        self,
        run: RunRecord,
        players: Sequence[Record],
        stored: Stored,
        apart: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._run = run
        self._apart = apart
        self._players = [player for player in players if player.player_id]
        self._stored = stored
        self._shown = _options_shown(self._players)
        self.truth = Truth(run.plan.quiz, run.plan.settings, stored, self._shown)
        self._opened = _opened(self._players)
        # A reveal may lack an answer that came in late; those after it and the end may not.
        self._late = {
            (question, player)
            for question, player in stored.answers
            if self._came_late(question, player)
        }

    def violations(self) -> list[Violation]:
        """Every broken promise."""
        checks = (
            ("every run ends in good order", self._ends),
            ("an acknowledged answer is stored once, as acknowledged", self._answers_kept),
            ("what is stored was given, and never refused", self._answers_given),
            ("every answer is scored by the formula", self._scores),
            ("totals, streaks and ranks are exact", self._totals),
            ("who joined is a player, who was kicked is none", self._roster),
            ("the end tells everyone the truth", self._outcomes),
            ("a reveal tells everyone the truth", self._reveals),
            ("versions never go back", self._versions),
            ("what is shown never goes back", self._order),
            ("nobody's time is shortened", self._times),
            ("a snapshot knows the answers", self._snapshots),
            ("replies agree, and solutions stay secret", self._slips),
        )
        return [
            Violation(promise, self._run.run_id, evidence)
            for promise, check in checks
            for evidence in check()
        ]

    def _came_late(self, question: int, player_id: str) -> bool:
        """Whether an answer may have been stored after its question was scored: it was scored with
        another one, never acknowledged, or acknowledged when the reveal was already on its way.
        """
        if self._stored.answers[question, player_id].scored_in != question:
            return True
        ack = next(
            (one.acks.get(question) for one in self._players if one.player_id == player_id), None
        )
        revealed = min(
            (
                heard.at
                for player in self._players
                for heard in player.heard
                if heard.event == "reveal" and heard.args[0]["question"] == question
            ),
            default=0.0,
        )
        return ack is None or ack.at > revealed - LATE_MS

    def _ends(self) -> Iterator[str]:
        if not self._stored.finished or not self._run.ended_at:
            yield f"phase {self._stored.phase}, the host saw {self._run.phase}"

    def _answers_kept(self) -> Iterator[str]:
        for player in self._players:
            for question, ack in player.acks.items():
                row = self._stored.answers.get((question, player.player_id))
                found = None if row is None else (row.answer, row.elapsed_ms)
                if found != (ack.answer, ack.elapsed_ms):
                    yield f"{player.nickname} question {question}: {ack}, stored {found}"
                if not 0 <= ack.elapsed_ms <= LIMIT_MS + GRACE_MS:
                    yield f"{player.nickname} question {question}: {ack} is out of time"

    def _answers_given(self) -> Iterator[str]:
        by_id = {player.player_id: player for player in self._players}
        for (question, player_id), row in self._stored.answers.items():
            player = by_id.get(player_id)
            if player is None or player.sent.get(question) != row.answer:
                yield f"question {question} of {player_id}: {row} was never sent"
                continue
            refusal = player.refusals.get(question)
            if refusal is not None and refusal.code != "kicked":
                yield f"{player.nickname} question {question}: {refusal}, stored {row}"

    def _scores(self) -> Iterator[str]:
        for (question, player_id), row in sorted(self._stored.answers.items()):
            player = self._stored.players.get(player_id)
            if player is None or player.kicked:
                continue
            due = self.truth.players[player_id][question]
            found = (row.points, row.bonus or 0, bool(row.correct))
            if found != (due.points, due.bonus, bool(due.correct)):
                yield f"{player.nickname} question {question}: {row}, due {due}"

    def _totals(self) -> Iterator[str]:
        if self._stored.phase != "finished":
            return
        ranks = {player: rank for rank, player, _ in self.truth.standings}
        # A question that the host's End cut short breaks no streak.
        complete = not any(pressed.command == "end" for pressed in self._run.pressed)
        for player in self._stored.players.values():
            if player.kicked:
                continue
            due = self.truth.players[player.id]
            if (player.score, player.rank) != (due[-1].score, ranks[player.id]):
                yield f"{player}, due score {due[-1].score} and rank {ranks[player.id]}"
            elif complete and player.streak != due[-1].streak:
                yield f"{player}, due streak {due[-1].streak}"

    def _roster(self) -> Iterator[str]:
        for player in self._players:
            row = self._stored.players.get(player.player_id)
            if row is None or row.nickname != player.nickname:
                yield f"{player.nickname} has joined, stored {row}"
            elif player.end == "kicked" and not row.kicked:
                yield f"{player.nickname} was told of a kick and is still in"
        for pressed in self._run.pressed:
            if pressed.command == "kick" and pressed.outcome == "ok":
                row = self._stored.players.get(pressed.player_id)
                if row is not None and not row.kicked:
                    yield f"{row.nickname} was kicked and is still in"

    def _outcomes(self) -> Iterator[str]:
        lines = [
            {"rank": rank, "nickname": self._stored.players[player].nickname, "score": score}
            for rank, player, score in self.truth.standings
        ]
        own = {player: (rank, score) for rank, player, score in self.truth.standings}
        for player in self._players:
            for heard in player.heard:
                outcome, you = _outcome(heard)
                if outcome is None:
                    continue
                told = (outcome["podium"], outcome["leaderboard"], outcome["players"])
                if told != (lines[:3], lines[:10], len(lines)):
                    yield f"{player.nickname} heard {outcome}, due {lines[:10]} of {len(lines)}"
                if (you["rank"], you["score"]) != own.get(player.player_id):
                    yield f"{player.nickname} heard {you}, due {own.get(player.player_id)}"

    def _reveals(self) -> Iterator[str]:
        for player in self._players:
            for heard in player.heard:
                if heard.event != "reveal":
                    continue
                question, own = heard.args[0]["question"], heard.args[1]
                if own is None:
                    continue  # told nothing: its gateway could not look it up
                if any((one, player.player_id) in self._late for one in range(question + 1)):
                    continue
                due = self.truth.players[player.player_id][question]
                if (own["correct"], own["points"]) != (due.correct, due.points):
                    yield f"{player.nickname} question {question}: {own}, due {due}"
                # When a reveal comes late, score and rank may be of a later question already.
                if not any(
                    self._stood(player, own, one)
                    for one in range(question, len(self._run.plan.quiz["questions"]))
                ):
                    ranks = self.truth.ranks_after(question, player.player_id)
                    yield f"{player.nickname} question {question}: {own}, due {due}, rank {ranks}"

    def _stood(self, player: Record, own: dict[str, Any], question: int) -> bool:
        """Whether a player stood so after `question`."""
        due = self.truth.players[player.player_id][question]
        if (own["score"], own["streak"]) != (due.score, due.streak):
            return False
        if any(late <= question for late, _ in self._late):
            return True  # others may have been told to have less
        if own["rank"] is None:
            return player.joined_at > self._opened.get(question, 0)  # too late to be ranked
        best, worst = self.truth.ranks_after(question, player.player_id)
        return best <= int(own["rank"]) <= worst

    def _versions(self) -> Iterator[str]:
        for player in self._players:
            newest = 0
            for heard in player.heard:
                if heard.event == "snapshot":
                    version = heard.args[0]["version"]
                    if version < newest:
                        yield f"{player.nickname} saw {newest}, then {version} at {heard.at:.0f}"
                    newest = max(newest, version)
        if self._run.version > self._stored.version:
            yield f"the host saw {self._run.version}, stored {self._stored.version}"

    def _order(self) -> Iterator[str]:
        for player in self._players:
            reached = (-1, 0)
            for heard in player.heard:
                place = _place(heard)
                if place is not None:
                    if place < reached:
                        yield f"{player.nickname} was shown {reached}, then {place} ({heard.event})"
                    reached = max(reached, place)

    def _times(self) -> Iterator[str]:
        """Times that are told again are never sooner, and a question is not closed for somebody
        connected who still has time, unless the host has ended it.
        """
        for player in self._players:
            known: dict[int, dict[str, Any]] = {}
            for heard in player.heard:
                if heard.event != "question":
                    continue
                question = heard.args[0]
                before = known.get(question["question"])
                if before is not None and (
                    question["opens_at"] < before["opens_at"]
                    or question["closes_at"] < before["closes_at"]
                ):
                    yield f"{player.nickname}: {_times_of(before)}, then {_times_of(question)}"
                if question["closes_at"] - question["opens_at"] < question["time_limit_ms"]:
                    yield f"{player.nickname}: {_times_of(question)} is shorter than the limit"
                known[question["question"]] = question
            for index, refusal in player.refusals.items():
                told = known.get(index)
                if told is None or refusal.code != "question_closed":
                    continue
                if refusal.at < told["closes_at"] - SKEW_MS and not self._may_close(
                    player, told, refusal.at
                ):
                    yield f"{player.nickname} {_times_of(told)}: {refusal}"

    def _may_close(self, player: Record, question: dict[str, Any], at: float) -> bool:
        """Whether a question may close early: the host pressed something, or the player was away,
        alone or with a gateway, so that the others were all.
        """
        since = question["opens_at"] - AWAY_MS
        return (
            any(
                pressed.command in ("skip", "end", "next") and pressed.sent <= at
                for pressed in self._run.pressed
            )
            or any(since <= lost <= at for lost in player.losses)
            or any(start <= at and end >= since for start, end in self._apart)
        )

    def _snapshots(self) -> Iterator[str]:
        for player in self._players:
            for heard in player.heard:
                if heard.event != "snapshot" or "question" not in heard.args[0]:
                    continue
                snapshot = heard.args[0]
                ack = player.acks.get(snapshot["question"]["question"])
                # what was acknowledged while the snapshot was made does not count
                if ack and ack.at < heard.at - 500 and not snapshot["you"]["answered"]:
                    yield f"{player.nickname} at {heard.at:.0f}: not answered, but {ack}"

    def _slips(self) -> Iterator[str]:
        yield from self._run.slips
        for player in self._players:
            yield from (f"{player.nickname}: {slip}" for slip in player.slips)


def _options_shown(players: Sequence[Record]) -> dict[int, list[str]]:
    """The options of each question that anybody was shown."""
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
    """When each question opened, at the latest that anybody was told."""
    opened: dict[int, int] = {}
    for player in players:
        for heard in player.heard:
            if heard.event == "question":
                question = heard.args[0]
                at = max(question["opens_at"], opened.get(question["question"], 0))
                opened[question["question"]] = at
    return opened


def _outcome(heard: Heard) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    if heard.event == "finished":
        return heard.args[0], heard.args[1]
    if heard.event == "snapshot":
        return heard.args[0].get("outcome"), heard.args[0]["you"]
    return None, {}


def _place(heard: Heard) -> tuple[int, int] | None:
    """How far the run is by this message: the question, and whether it is revealed."""
    message = heard.args[0] if heard.args else {}
    match heard.event:
        case "question":
            return message["question"], 0
        case "reveal":
            return message["question"], 1
        case "finished":
            return 1_000, 0
        case "snapshot" if message["phase"] == "question" and "question" in message:
            return message["question"]["question"], 0
        case "snapshot" if message["phase"] == "reveal" and message.get("reveal"):
            return message["reveal"]["question"], 1
        case "snapshot" if message["phase"] == "finished":
            return 1_000, 0
        case "snapshot" if message["phase"] in ("lobby", "starting"):
            return -1, 0
        case _:
            return None


def _times_of(question: dict[str, Any]) -> str:
    return f"question {question['question']} {question['opens_at']}–{question['closes_at']}"
