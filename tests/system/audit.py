"""Recompute a run's standings from acknowledged answers, independently of the product's code."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.system.bots import Bot
from tests.system.hosting import Run, joining_order, stored_answers

HALF = Fraction(1, 2)


def share(question: dict[str, Any], options: list[str], answer: Any) -> Fraction:
    """The correct share of an answer; `options` are those shown."""
    match question["type"]:
        case "single" | "boolean":
            return Fraction(answer == question["correct"][0])
        case "multiple":
            right, picked = set(question["correct"]), set(answer)
            return Fraction(max(0, len(picked & right) - len(picked - right)), len(right))
        case "number":
            wanted = question["correct"]
            return Fraction(abs(answer - wanted["value"]) <= wanted["tolerance"])
        case "text":
            return Fraction(answer in question["correct"]["accepted"])
        case "order":
            placed = [options[index] for index in answer]
            hits = sum(a == b for a, b in zip(placed, question["options"], strict=True))
            return Fraction(hits, len(placed))
        case _:
            return Fraction(0)


def earned(question: dict[str, Any], options: list[str], answer: Any, elapsed_ms: int) -> int:
    """round((1 − (t / T) / 2) · P) of the share, half up; full P under 500 ms."""
    limit_ms = question["time_limit_s"] * 1000
    used = Fraction(min(elapsed_ms, limit_ms), limit_ms)
    speed = Fraction(1) if elapsed_ms < 500 else 1 - used / 2
    points = share(question, options, answer) * speed * question.get("points", 1000)
    return int(points + HALF)


def progression(run: Run, bot: Bot, options: dict[int, list[str]], *, bonus: bool) -> list[int]:
    """The bot's score after each question."""
    score = streak = 0
    scores = []
    for index, question in enumerate(run.quiz["questions"]):
        if index in bot.acknowledged:
            answer, elapsed_ms = bot.acknowledged[index]
            score += earned(question, options[index], answer, elapsed_ms)
            right = share(question, options[index], answer) == 1
        else:
            right = False
        if question["type"] not in ("poll", "slide"):
            streak = streak + 1 if right else 0
            if bonus and right:
                score += min(500, 100 * (streak - 1))
        scores.append(score)
    return scores


def ranked(scores: dict[str, int], number: dict[str, int]) -> list[tuple[int, str, int]]:
    """Rank, player and score (ranks 1, 2, 2, 4); ties in joining order."""
    order = sorted(scores, key=lambda player: (-scores[player], number[player]))
    return [
        (1 + sum(other > scores[player] for other in scores.values()), player, scores[player])
        for player in order
    ]


async def check_standings(
    database_url: str, run: Run, bots: Sequence[Bot], *, bonus: bool = False
) -> list[list[int]]:
    """Check that all sources of the results agree with each other and with the acknowledgements.

    Returns the bots' scores after each question.
    """
    stored = await stored_answers(database_url, run.id)
    acknowledged = {
        (question, bot.player_id): given
        for bot in bots
        for question, given in bot.acknowledged.items()
    }
    assert stored == acknowledged

    shown: dict[int, list[str]] = {}
    for bot in bots:
        for index, question in bot.shown.items():
            assert shown.setdefault(index, question.get("options", [])) == question.get(
                "options", []
            )
    progressions = [progression(run, bot, shown, bonus=bonus) for bot in bots]
    scores = {bot.player_id: scores[-1] for bot, scores in zip(bots, progressions, strict=True)}
    expected = ranked(scores, await joining_order(database_url, run.id))
    nickname = {bot.player_id: bot.nickname for bot in bots}

    leaderboard = await run.leaderboard()
    assert [(one["rank"], one["player_id"], one["score"]) for one in leaderboard] == expected
    results = await run.results()
    assert [(one["rank"], one["player_id"], one["score"]) for one in results["players"]] == expected
    assert results["run"]["phase"] == "finished"
    lines = [
        {"rank": rank, "nickname": nickname[player], "score": score}
        for rank, player, score in expected
    ]
    own = {
        player: {"rank": rank, "score": score, "players": len(bots)}
        for rank, player, score in expected
    }
    for bot in bots:
        assert bot.outcome["podium"] == lines[:3]
        assert bot.outcome["leaderboard"] == lines[:10]
        assert bot.outcome["players"] == len(bots)
        assert bot.own_outcome == own[bot.player_id]
    return progressions
