"""Checks of messages to clients: correct, in order, and in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.chaos.case import RunCase
from tests.chaos.records import Heard, Record

SKEW_MS = 200
AWAY_MS = 5_000
"""A player absent so shortly before a question may not be counted among those who can answer."""


def outcomes(case: RunCase) -> Iterator[str]:
    lines: list[dict[str, Any]] = [
        {"rank": rank, "nickname": case.stored.players[player].nickname, "score": score}
        for rank, player, score in case.expected.standings
    ]
    podium = [line for line in lines[:3] if line["score"] > 0]  # without points nobody wins
    own = {player: (rank, score) for rank, player, score in case.expected.standings}
    for player in case.players:
        told_own = player.end != "finished"
        for heard in player.heard:
            outcome, you = _outcome(heard)
            if outcome is None:
                continue
            told_own = told_own or you is not None
            told = (outcome["podium"], outcome["leaderboard"], outcome["players"])
            if told != (podium, lines[:10], len(lines)):
                table = f"{podium} and {lines[:10]} of {len(lines)}"
                yield f"{player.nickname} heard {outcome}, due {table}"
            due = own.get(player.player_id)
            if you is not None and (you["rank"], you["score"]) != due:
                yield f"{player.nickname} heard {you}, due {due}"
        if not told_own:
            yield f"{player.nickname} never heard a result of their own"


def reveals(case: RunCase) -> Iterator[str]:
    for player in case.players:
        for heard in player.heard:
            if heard.event != "reveal":
                continue
            question, own = heard.args[0]["question"], heard.args[1]
            if own is None:
                continue  # the gateway could not look it up
            if any((one, player.player_id) in case.late for one in range(question + 1)):
                continue
            due = case.expected.players[player.player_id][question]
            if (own["correct"], own["points"]) != (due.correct, due.points):
                yield f"{player.nickname} question {question}: {own}, due {due}"
            # In a late reveal, score and rank may already include a later question.
            if not any(
                _stood(case, player, own, one)
                for one in range(question, len(case.run.plan.quiz["questions"]))
            ):
                ranks = case.expected.ranks_after(question, player.player_id)
                yield f"{player.nickname} question {question}: {own}, due {due}, rank {ranks}"


def _stood(case: RunCase, player: Record, own: dict[str, Any], question: int) -> bool:
    """Whether a player's own part is correct as of `question`."""
    due = case.expected.players[player.player_id][question]
    if (own["score"], own["streak"]) != (due.score, due.streak):
        return False
    if any(late <= question for late, _ in case.late):
        return True  # others' answers may be missing from the ranks
    if own["rank"] is None:
        return player.joined_at > case.opened.get(question, 0)  # too late to be ranked
    best, worst = case.expected.ranks_after(question, player.player_id)
    return best <= int(own["rank"]) <= worst


def versions(case: RunCase) -> Iterator[str]:
    for player in case.players:
        newest = 0
        for heard in player.heard:
            if heard.event == "snapshot":
                version = heard.args[0]["version"]
                if version < newest:
                    yield f"{player.nickname} saw {newest}, then {version} at {heard.at:.0f}"
                newest = max(newest, version)
    if case.run.version > case.stored.version:
        yield f"the host saw {case.run.version}, stored {case.stored.version}"


def order(case: RunCase) -> Iterator[str]:
    for player in case.players:
        reached = (-1, 0)
        for heard in player.heard:
            # Messages read together with the acknowledgement of a join are recorded before it.
            place = _place(heard) if heard.connection else None
            if place is not None:
                if place < reached:
                    where = f"{heard.event} on connection {heard.connection} at {heard.at:.0f}"
                    yield f"{player.nickname} was shown {reached}, then {place} by {where}"
                reached = max(reached, place)


def times(case: RunCase) -> Iterator[str]:
    """A republished question has no earlier times, and no connected player is rejected before its
    end, unless the host ended it.
    """
    for player in case.players:
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
            if refusal.at < told["closes_at"] - SKEW_MS and not _may_close(
                case, player, told, refusal.at
            ):
                yield f"{player.nickname} {_times_of(told)}: {refusal}"


def _may_close(case: RunCase, player: Record, question: dict[str, Any], at: float) -> bool:
    """Whether a question may close early: the host ended it, or the player was not connected,
    or not known to be, when all others had answered.
    """
    since = question["opens_at"] - AWAY_MS
    return (
        any(
            pressed.command in ("skip", "end", "next") and pressed.sent <= at
            for pressed in case.run.pressed
        )
        or any(since <= lost <= at for lost in player.losses)
        or any(start <= at and end >= since for start, end in case.apart)
    )


def snapshots(case: RunCase) -> Iterator[str]:
    for player in case.players:
        for heard in player.heard:
            if heard.event != "snapshot" or "question" not in heard.args[0]:
                continue
            snapshot = heard.args[0]
            ack = player.acks.get(snapshot["question"]["question"])
            # answers acknowledged while the snapshot was created do not count
            if ack and ack.at < heard.at - 500 and not snapshot["you"]["answered"]:
                yield f"{player.nickname} at {heard.at:.0f}: not answered, but {ack}"


def contradictions(case: RunCase) -> Iterator[str]:
    yield from case.run.contradictions
    for player in case.players:
        yield from (
            f"{player.nickname}: {contradiction}" for contradiction in player.contradictions
        )


def _outcome(heard: Heard) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The outcome in a message, if any, and the player's own part: None if that could not be
    loaded in time, and a snapshot follows.
    """
    if heard.event == "finished":
        return heard.args[0], heard.args[1]
    if heard.event == "snapshot":
        return heard.args[0].get("outcome"), heard.args[0]["you"]
    return None, None


def _place(heard: Heard) -> tuple[int, int] | None:
    """The progress of the run: the question, and whether it is revealed."""
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
