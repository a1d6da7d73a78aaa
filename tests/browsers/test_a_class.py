"""A lesson: 35 clients and three browsers in one quiz, with a solution corrected afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import httpx
import pytest

from deploy.bots.errors import RefusedError
from quiz.content import Quiz
from quiz.window import ANSWER_GRACE_MS
from tests.browsers.chromium import chromium
from tests.browsers.firefox import firefox
from tests.browsers.lesson import Line, standings
from tests.browsers.quizzes import NUMBER, SEVERAL, quiz_of
from tests.browsers.webdriver import Browser
from tests.browsers.webkit import webkit
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import PythonClient, code_of, until_ms
from tests.system.hosting import Host, Run, stored_answers
from tests.system.system import System

BOTS = 35
PLAYERS = BOTS - 1 + 3
"""One of them is removed."""
LIMIT_S = 10
READING_S = 4
LEAST_CHANGED = 10
SEES_S = 40.0
OVER_S = 240.0
# A common misconception, shared by the teacher.
WRONG_KEY: dict[str, Any] = {
    "type": "single",
    "text": "What is the capital of Australia?",
    "options": ["Canberra", "Sydney", "Perth"],
    "correct": [1],
    "time_limit_s": LIMIT_S,
}
RIGHT_KEY = {**WRONG_KEY, "correct": [0]}
# The first test waits for a stack and three browsers.
pytestmark = pytest.mark.timeout(300)
DEVICE = "the only device that this person has"


@pytest.fixture
async def browsers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Browser]]:
    """A browser of each engine, by its player's name."""
    engines = {"Chrome": chromium, "Fox": firefox, "Web": webkit}
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(engine(tmp_path_factory.mktemp(name)))
            for name, engine in engines.items()
        }


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as running:
        yield running


def plans(dice: random.Random) -> dict[int, Plan]:
    return {
        0: Plan(dice.uniform(0, 3), dice.choice([0, 0, 1, 1, 2])),
        1: Plan(dice.uniform(0, 2), dice.choice([[0, 2], [0, 2], [0], [0, 1, 2], [1]])),
        2: Plan(dice.uniform(0, 2), dice.choice([330, 325, 300, 1000])),
    }


async def test_a_lesson_with_extra_time_a_removed_player_and_a_later_correction(
    system: System,
    http: httpx.AsyncClient,
    session: aiohttp.ClientSession,
    browsers: dict[str, Browser],
) -> None:
    dice = random.Random(35)
    host = await Host.register(http)
    run = await host.open_run(
        quiz_of(WRONG_KEY, SEVERAL, NUMBER),
        reading_s=READING_S,
        auto_advance=False,
        streak_bonus=True,
    )
    bots = [Bot(session, system.urls, f"Pupil {n}", plans(dice)) for n in range(1, BOTS)]
    late = bots[-1]
    late.plans[0] = Plan(LIMIT_S + 1, 0)
    rude = await PythonClient(session, system.urls[0]).connect()
    await rude.join(run.pin, "Rude", device=DEVICE)
    await asyncio.gather(
        enter_all(bots, run),
        *(join(browser, system.urls[0], run, name) for name, browser in browsers.items()),
    )
    slow = await player_id(run, "Fox")
    await host.call("PUT", f"/runs/{run.id}/players/{slow}/extra-time", json={"percent": 200})

    async with asyncio.TaskGroup() as playing:
        playing.create_task(play_all(bots, OVER_S))
        await the_question_with_the_wrong_key(run, browsers, rude)
        await run.kick(rude.player_id)
        await is_removed_for_good(rude, session, system, run)
        await run.command("next")
        await asyncio.gather(*map(answer_several, browsers.values()))
        await run.command("next")
        await asyncio.gather(*map(answer_number, browsers.values()))
        await run.command("next")
    assert late.refused == {0: "question_closed"}
    assert not any(bot.refused for bot in bots if bot is not late)

    answers = await stored_answers(system.servers.database_url, run.id)
    assert answers[0, slow][1] > LIMIT_S * 1_000 + ANSWER_GRACE_MS
    assert answers.pop((0, rude.player_id))[0] == 1
    assert len(answers) == 3 * PLAYERS - 1
    before = standings(Quiz.model_validate(run.quiz), answers, slow)
    assert await told_by_the_host_side(run) == before
    assert {bot.player_id: bot.own_outcome["score"] for bot in bots} == {
        bot.player_id: before[bot.player_id].score for bot in bots
    }
    for name, browser in browsers.items():
        line = before[await player_id(run, name)]
        await browser.sees(f"Place {line.rank} of {PLAYERS} · {line.score:,} points")

    corrected = await host.call(
        "POST",
        f"/runs/{run.id}/corrections",
        json={"question": 0, "verdict": "key", "correct": RIGHT_KEY["correct"]},
    )
    after = standings(Quiz.model_validate(quiz_of(RIGHT_KEY, SEVERAL, NUMBER)), answers, slow)
    changed = [player for player in after if after[player].score != before[player].score]
    assert await told_by_the_host_side(run) == after
    assert corrected["changed_totals"] == len([*changed, rude.player_id])
    assert len(changed) > LEAST_CHANGED
    await asyncio.gather(*(reviews(http, bot, after[bot.player_id]) for bot in bots))
    for name, browser in browsers.items():
        await opens_the_own_page(browser, name, after[await player_id(run, name)])


async def join(browser: Browser, url: str, run: Run, name: str) -> None:
    await browser.resize(390, 844)
    await browser.open(f"{url}/join/{run.pin}")
    await browser.fill("Nickname", name)
    await browser.click("Join")
    await browser.sees("You’re in!", within_s=SEES_S)


async def player_id(run: Run, name: str) -> str:
    found = await run.host.call("GET", f"/runs/{run.id}/players", params={"search": name})
    (player,) = [one["player_id"] for one in found["items"] if one["nickname"] == name]
    return str(player)


async def the_question_with_the_wrong_key(
    run: Run, browsers: dict[str, Browser], rude: PythonClient
) -> None:
    """A question with reading time; one player has double time and uses it."""
    await run.command("start")
    (shown,) = await rude.hears("question")
    assert shown["opens_at"] - shown["shows_at"] == READING_S * 1_000
    assert shown["closes_at"] - shown["opens_at"] == LIMIT_S * 1_000
    assert code_of(await rude.answer(0, 1)) == "question_not_open"
    await asyncio.gather(*(browser.sees(WRONG_KEY["text"]) for browser in browsers.values()))
    await until_ms(shown["opens_at"])
    assert (await rude.answer(0, 1))["ok"]
    await asyncio.gather(browsers["Chrome"].click("Canberra"), browsers["Web"].click("Sydney"))

    await until_ms(shown["closes_at"] + ANSWER_GRACE_MS + 500)
    assert (await run.view())["phase"] == "question"
    await browsers["Fox"].click("Canberra")
    await asyncio.gather(
        browsers["Chrome"].sees("Not this time", within_s=SEES_S),
        browsers["Fox"].sees("Not this time", within_s=SEES_S),
        browsers["Web"].sees("Right!", within_s=SEES_S),
    )


async def is_removed_for_good(
    rude: PythonClient, session: aiohttp.ClientSession, system: System, run: Run
) -> None:
    """Neither the token, nor the name on another device, nor another name on the device works."""
    await rude.hears("kicked")
    with pytest.raises(RefusedError) as refused:
        await rude.come_back()
    assert refused.value.error["code"] == "kicked"
    for name, device in (("Rude", "another device"), ("Nobody in particular", DEVICE)):
        again = await PythonClient(session, system.urls[0]).connect()
        wanted = {"pin": run.pin, "nickname": name, "device": device}
        assert code_of(await again.ask("join", wanted)) == "kicked"
        await again.close()


async def answer_several(browser: Browser) -> None:
    await browser.sees(SEVERAL["text"], within_s=SEES_S)
    await browser.click("Two")
    await browser.click("Eleven")
    await browser.click("Send 2")
    await browser.sees("Right!", within_s=SEES_S)


async def answer_number(browser: Browser) -> None:
    await browser.sees(NUMBER["text"], within_s=SEES_S)
    await browser.fill("Your number", "320")
    await browser.click("Send")
    await browser.sees("Right!", within_s=SEES_S)


async def told_by_the_host_side(run: Run) -> dict[str, Line]:
    """The standings, checked to be the same in results and leaderboard."""
    results = (await run.results())["players"]
    board = await run.leaderboard()
    assert _lines(board) == _lines(results)
    assert len(board) == PLAYERS
    return _lines(board)


def _lines(listed: Sequence[dict[str, Any]]) -> dict[str, Line]:
    return {one["player_id"]: Line(one["rank"], one["score"]) for one in listed}


async def reviews(http: httpx.AsyncClient, bot: Bot, line: Line) -> None:
    """A player's review after the run."""
    answer = await http.get("/review", headers={"Authorization": f"Bearer {bot.client.token}"})
    review = answer.json()
    assert (review["rank"], review["score"]) == (line.rank, line.score)
    assert sum((one["earned"] or 0) for one in review["questions"]) == line.score
    first = review["questions"][0]
    assert (first["verdict"], first["solution"]) == ("key", RIGHT_KEY["correct"])
    assert first["correct"] == (bot.acknowledged[0][0] == 0 if 0 in bot.acknowledged else None)


async def opens_the_own_page(browser: Browser, name: str, line: Line) -> None:
    """The player's review page, opened by the link at the end of the quiz."""
    await browser.sees("As stored on the server.")
    await browser.open(await browser.run("return document.querySelector('a[href*=\"#\"]').href"))
    await browser.sees(f"Place {line.rank} of {PLAYERS}")
    text = await browser.text()
    assert f"{line.score:,} points" in text
    assert name in text
    assert "Corrected by the host: another answer is right." in text
