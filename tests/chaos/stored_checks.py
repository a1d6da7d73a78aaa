"""Checks of stored data: every answer exactly once, and exact totals."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.case import RunCase
from tests.system.quizzes import LIMIT_MS

GRACE_MS = 250


def ends(case: RunCase) -> Iterator[str]:
    if not case.stored.finished or not case.run.ended_at:
        yield f"phase {case.stored.phase}, the host saw {case.run.phase}"


def answers_kept(case: RunCase) -> Iterator[str]:
    for player in case.players:
        for question, ack in player.acks.items():
            row = case.stored.answers.get((question, player.player_id))
            found = None if row is None else (row.answer, row.elapsed_ms)
            if found != (ack.answer, ack.elapsed_ms):
                yield f"{player.nickname} question {question}: {ack}, stored {found}"
            if not 0 <= ack.elapsed_ms <= LIMIT_MS + GRACE_MS:
                yield f"{player.nickname} question {question}: {ack} is out of time"


def answers_given(case: RunCase) -> Iterator[str]:
    by_id = {player.player_id: player for player in case.players}
    for (question, player_id), row in case.stored.answers.items():
        player = by_id.get(player_id)
        if player is None or player.sent.get(question) != row.answer:
            yield f"question {question} of {player_id}: {row} was never sent"
            continue
        refusal = player.refusals.get(question)
        if refusal is not None and refusal.code != "kicked" and not refusal.doubtful:
            yield f"{player.nickname} question {question}: {refusal}, stored {row}"


def scores(case: RunCase) -> Iterator[str]:
    for (question, player_id), row in sorted(case.stored.answers.items()):
        player = case.stored.players.get(player_id)
        if player is None or player.kicked:
            continue
        due = case.expected.players[player_id][question]
        found = (row.points, row.bonus or 0, bool(row.correct))
        if found != (due.points, due.bonus, bool(due.correct)):
            yield f"{player.nickname} question {question}: {row}, due {due}"


def totals(case: RunCase) -> Iterator[str]:
    if case.stored.phase != "finished":
        return
    ranks = {player: rank for rank, player, _ in case.expected.standings}
    # A question cut short by ending the run does not break streaks.
    complete = not any(pressed.command == "end" for pressed in case.run.pressed)
    for player in case.stored.players.values():
        if player.kicked:
            continue
        due = case.expected.players[player.id]
        if (player.score, player.rank) != (due[-1].score, ranks[player.id]):
            yield f"{player}, due score {due[-1].score} and rank {ranks[player.id]}"
        elif complete and player.streak != due[-1].streak:
            yield f"{player}, due streak {due[-1].streak}"


def roster(case: RunCase) -> Iterator[str]:
    for player in case.players:
        row = case.stored.players.get(player.player_id)
        if row is None or row.nickname != player.nickname:
            yield f"{player.nickname} has joined, stored {row}"
        elif player.end == "kicked" and not row.kicked:
            yield f"{player.nickname} was notified of a kick and is still in the run"
    for pressed in case.run.pressed:
        if pressed.command == "kick" and pressed.outcome == "ok":
            row = case.stored.players.get(pressed.player_id)
            if row is not None and not row.kicked:
                yield f"{row.nickname} was kicked and is still in"
