"""The messages that players get, as lines of text. Short enough to be read on 80 columns."""

from __future__ import annotations

from typing import Any

from deploy.bots.answers import how_to_answer, options_of, written
from deploy.bots.connection import Message

_NAMES = {
    "single": "one is right",
    "multiple": "pick all that are right",
    "boolean": "true or false",
    "number": "a number",
    "text": "a word or two",
    "order": "put in order",
    "poll": "your opinion",
    "slide": "to read",
}

SENT_AWAY = ("kicked", "closed")
_FAREWELLS = {
    "replaced": "You have come in elsewhere; this was the older connection.",
    "cancelled": "The run was ended before its first question.",
}


def farewell(reason: str) -> str:
    """Why the server has sent this player away, by the reason that it gave."""
    return _FAREWELLS.get(reason, reason)


def welcome(snapshot: Message) -> list[str]:
    """For who has just come, or come back."""
    you, players = snapshot["you"], snapshot["players"]
    here = f"you are {you['nickname']}, {_players(players)} here"
    return [f"{snapshot['title']} · PIN {snapshot['pin']} · {here}"]


def lobby(message: Message) -> list[str]:
    """Return a line about the players who joined."""
    names, count = message["joined"], message["players"]
    if not names:
        return [f"{_players(count)} here."]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return [f"{', '.join(names[:5])}{more} joined: {_players(count)} here."]


def question(shown: Message) -> list[str]:
    """A question with its options and what to type."""
    kind, worth = shown["type"], f" · up to {shown['points']} points" if shown["points"] else ""
    number, count = shown["question"] + 1, shown["question_count"]
    lines = ["", f"Question {number} of {count} · {_NAMES[kind]}{worth}", shown["text"]]
    if "media" in shown:
        lines.append(f"[{shown['media'].get('alt') or 'picture'}: {shown['media']['url']}]")
    lines += [f"  {place}) {text}" for place, text in enumerate(options_of(shown), 1)]
    return [*lines, how_to_answer(shown)]


def locked_in(shown: Message, answer: Any, elapsed_ms: int) -> list[str]:
    """An answer that is stored."""
    return [f"Locked in after {elapsed_ms / 1000:.1f} s: {written(shown, answer)}"]


def result(shown: Message | None, common: Message, own: Message | None) -> list[str]:
    """The solution and what it brought this player."""
    lines = []
    if own is not None:
        lines.append(_verdict(own))
    if shown is not None and common["solution"] is not None:
        lines.append(f"Right: {written(shown, common['solution'])}")
    if shown is not None and shown["type"] == "poll":
        counts = zip(options_of(shown), common["distribution"], strict=True)
        lines += [f"  {text}: {count}" for text, count in counts]
    if "explanation" in common:
        lines.append(common["explanation"])
    if own is not None and own["rank"] is not None:
        streak = f", {own['streak']} in a row" if own["streak"] > 1 else ""
        lines.append(f"You have {own['score']} points, rank {own['rank']}{streak}.")
    return lines


def board(lines: list[Message], you: Message) -> list[str]:
    """Return a leaderboard with the player's own line marked."""
    width = max((len(line["nickname"]) for line in lines), default=0)
    return [
        f"{'▸' if line['nickname'] == you['nickname'] else ' '}"
        f"{line['rank']:>4}  {line['nickname']:<{width}}  {line['score']:>7}"
        for line in lines
    ]


def podium(common: Message, own: Message, you: Message) -> list[str]:
    """The end."""
    medals = {1: "Gold", 2: "Silver", 3: "Bronze"}
    lines = ["", "The end."]
    lines += [
        f"  {medals.get(line['rank'], '')}: {line['nickname']}, {line['score']} points"
        for line in common["podium"]
    ]
    if own["rank"] is not None:
        place = f"rank {own['rank']} of {own['players']}"
        lines.append(f"{you['nickname']}: {place} with {own['score']} points.")
    return lines


def _verdict(own: Message) -> str:
    if own["correct"] is None:
        return "No right or wrong here."
    if own["correct"]:
        return f"✓ Correct: +{own['points']} points"
    if own["points"]:
        return f"◐ Partly right: +{own['points']} points"
    return "✗ Not this time."


def _players(count: int) -> str:
    return "1 player" if count == 1 else f"{count} players"
