"""The final standings match a recomputation from players' acknowledgements."""

from __future__ import annotations

import random

import aiohttp

from tests.system.audit import check_standings
from tests.system.bots import Bot, Manner, Plan, enter_all, play_all
from tests.system.hosting import Host
from tests.system.quizzes import multiple, order, quiz, single
from tests.system.system import Logs, System

PLAYERS = 300
MANNERS: tuple[Manner, ...] = ("once", "once", "once", "twice", "changes", "drops")
ANSWERS = (
    (0, 0, 0, 1, 2),
    ([0, 1, 3], [0, 1], [0, 1, 2], [2], [0, 2, 4]),
    ([0, 1, 2, 3], [3, 1, 2, 0], [1, 0, 3, 2], [2, 3, 1, 0]),
)


def plans(dice: random.Random) -> dict[int, Plan]:
    """Quick players share the top rank. Not all answer the first question, so it closes late."""
    chosen = {}
    for question, answers in enumerate(ANSWERS):
        if question or dice.random() < 0.95:
            delay_s = dice.choice((dice.uniform(0, 0.3), dice.uniform(0.3, 2.5)))
            chosen[question] = Plan(delay_s, dice.choice(answers), dice.choice(MANNERS))
    return chosen


async def test_the_standings_of_300_players_match_their_acknowledgements(
    system: System, host: Host, session: aiohttp.ClientSession, logs: Logs
) -> None:
    dice = random.Random(20)
    run = await host.open_run(quiz(single(), multiple(), order(points=1999)), streak_bonus=True)
    bots = [
        Bot(session, system.urls[:: 1 if index % 2 else -1], f"bot {index}", plans(dice))
        for index in range(PLAYERS)
    ]
    await enter_all(bots, run)
    await run.command("start")
    await play_all(bots, timeout_s=60)

    progressions = await check_standings(system.servers.database_url, run, bots, bonus=True)
    assert not any(bot.refused for bot in bots)
    assert sum(bot.lost for bot in bots) > PLAYERS / 3  # those who drop had to reconnect
    assert len({scores[-1] for scores in progressions}) < PLAYERS  # there are ties to rank
    for bot, scores in zip(bots, progressions, strict=True):
        for heard in bot.client.all("reveal"):
            common, own = heard.args
            index = common["question"]
            assert own["score"] == scores[index]
            assert own["points"] == scores[index] - (scores[index - 1] if index else 0)
            assert own["rank"] == 1 + sum(other[index] > scores[index] for other in progressions)
    assert logs.faults() == []
