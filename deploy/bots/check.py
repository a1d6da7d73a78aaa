"""Compare what bots were told with the API: acknowledged answers are stored once, and standings
agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deploy.bots.bot import Bot

Line = dict[str, Any]


def ended(bots: Iterable[Bot]) -> list[str]:
    """Problems with how the run ended for each bot, without looking at the API."""
    problems = []
    for bot in bots:
        if bot.outcome is None:
            problems.append(f"{bot.nickname} did not hear the end ({bot.client.gone or 'waiting'})")
        problems += [f"{bot.nickname}, {refusal}" for refusal in bot.refusals]
    tables = {str(bot.outcome[0]["leaderboard"]) for bot in bots if bot.outcome is not None}
    if len(tables) > 1:
        problems.append(f"players were shown {len(tables)} different final leaderboards")
    return problems


def standings_agree(bots: Sequence[Bot], leaderboard: list[Line]) -> list[str]:
    """Differences between the final messages and the API's leaderboard."""
    problems = []
    lines = {line["player_id"]: line for line in leaderboard}
    for bot in bots:
        if bot.outcome is None:
            continue
        own, line = bot.outcome[1], lines.get(bot.client.player_id)
        if line is None:
            problems.append(f"{bot.nickname} is not on the leaderboard")
        elif (line["rank"], line["score"]) != (own["rank"], own["score"]):
            told = f"told rank {own['rank']} with {own['score']}"
            problems.append(f"{bot.nickname}: {told}, API {line['rank']} with {line['score']}")
    told_bot = next((bot for bot in bots if bot.outcome is not None), None)
    if told_bot is not None and told_bot.outcome is not None:
        table = told_bot.outcome[0]["leaderboard"]
        fields = ("rank", "nickname", "score")
        if [{name: line[name] for name in fields} for line in leaderboard[: len(table)]] != table:
            problems.append("the top of the leaderboard differs from what players were shown")
    return problems


def answers_kept(bots: Sequence[Bot], results: dict[str, Any]) -> tuple[int, list[str]]:
    """How many acknowledged answers the results contain, and their problems."""
    problems, kept = [], 0
    players = {player["player_id"]: player for player in results["players"]}
    for bot in bots:
        player = players.get(bot.client.player_id, {"answers": [], "score": 0})
        stored: dict[int, list[Line]] = {}
        for answer in player["answers"]:
            stored.setdefault(answer["question"], []).append(answer)
        for question, ack in bot.acks.items():
            found = stored.get(question, [])
            kept += len(found) == 1
            where = f"{bot.nickname}, question {question + 1}"
            if len(found) != 1:
                problems.append(f"{where}: acknowledged, and stored {len(found)} times")
            elif (found[0]["elapsed_ms"], found[0]["answer"]) != (ack.elapsed_ms, ack.answer):
                problems.append(f"{where}: stored differently from what was acknowledged")
            elif question in bot.revealed:
                told, earned = bot.revealed[question].own.get("points", 0), found[0]["points"]
                if told not in (0, earned):  # 0: scored late, with the next question
                    problems.append(f"{where}: told {told} points, {earned} stored")
        points = sum(answer["points"] or 0 for answer in player["answers"])
        if points != player["score"]:
            problems.append(f"{bot.nickname}: score {player['score']}, but {points} points")
    return kept, problems
