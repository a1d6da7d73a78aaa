"""Quizzes in Firefox and WebKit; `web/e2e` plays them in Chromium."""

from __future__ import annotations

import asyncio
import uuid

import httpx

from tests.browsers.path import Path, path_to
from tests.browsers.quizzes import CHOICE, NUMBER, ORDER, SEVERAL, TEXT, quiz_of
from tests.browsers.webdriver import Browser
from tests.system.hosting import Host, Run
from tests.system.system import System

PATIENCE_S = 20.0
DESKTOP = (1366, 900)
# A PIN as copied: grouped, after a word, between directional isolates.
COPIED = "PIN: \u2068{}\u202f{}\u2069"

# Safari does not focus clicked buttons, and removes the focus from the previous element.
AS_IN_SAFARI = """
addEventListener('mousedown', (event) => {
    if (!event.target.closest('button')) return;
    event.preventDefault();
    document.activeElement?.blur();
}, true);
"""


async def join(browser: Browser, path: Path, run: Run, name: str) -> None:
    await browser.open(f"{path.url}/join/{run.pin}")
    await browser.fill("Nickname", name)
    await browser.click("Join")
    await browser.sees("You’re in!")


async def answers(run: Run) -> list[object]:
    players = (await run.results())["players"]
    assert len(players) == 1
    return [one["answer"] for one in players[0]["answers"]]


async def is_in(run: Run, phase: str, question: int | None = None) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            view = await run.view()
            if view["phase"] == phase and question in (None, view["question"]):
                return
            await asyncio.sleep(0.1)


async def test_a_quiz_is_played_from_the_pasted_pin_to_the_podium(
    browser: Browser, system: System, http: httpx.AsyncClient
) -> None:
    host = await Host.register(http)
    run = await host.open_run(quiz_of(CHOICE, SEVERAL, NUMBER, TEXT, ORDER), auto_advance=False)
    async with path_to(system.urls[0]) as path:
        await browser.open(path.url)
        await browser.paste("Quiz PIN", COPIED.format(run.pin[:3], run.pin[3:]))
        await browser.click("Next")
        await browser.fill("Nickname", "Ada")
        await browser.click("Join")
        await browser.sees("You’re in!")

        await run.command("start")
        await browser.sees(CHOICE["text"])
        await browser.click("Pacific")
        await browser.sees("Right!")

        await run.command("next")
        await browser.sees(SEVERAL["text"])
        await browser.click("Two")
        await browser.click("Eleven")
        await browser.click("Send 2")
        await browser.sees("Right!")

        await run.command("next")
        await browser.sees(NUMBER["text"])
        await browser.fill("Your number", "330")
        await browser.click("Send")
        await browser.sees("Right!")

        await run.command("next")
        await browser.sees(TEXT["text"])
        await browser.fill("Your answer", "blue whale")
        await browser.click("Send")
        await browser.sees("Right!")

        await run.command("next")
        await browser.sees(ORDER["text"])
        await browser.click("Send")
        await is_in(run, "reveal", 4)
        given = await answers(run)
        assert given[:4] == [2, [0, 2], 330, "blue whale"]
        assert sorted(given[4]) == [0, 1, 2]  # type: ignore[call-overload]

        await run.command("next")
        await is_in(run, "finished")
        await browser.sees("Ada")
        await browser.sees_no(ORDER["text"])


async def test_an_answer_given_while_offline_counts_once(
    browser: Browser, system: System, http: httpx.AsyncClient
) -> None:
    host = await Host.register(http)
    run = await host.open_run(quiz_of(CHOICE), auto_advance=False)
    async with path_to(system.urls[0]) as path:
        await join(browser, path, run, "Ada")
        await run.command("start")
        await browser.sees(CHOICE["text"])
        path.cut()
        await browser.sees("Reconnecting…")
        await browser.click("Pacific")
        await browser.sees("Waiting for the connection…")
        path.mend()
        await browser.sees("Right!")
        assert await answers(run) == [2]


async def test_a_removed_player_is_notified_and_cannot_return(
    browser: Browser, system: System, http: httpx.AsyncClient
) -> None:
    host = await Host.register(http)
    run = await host.open_run(quiz_of(CHOICE), auto_advance=False)
    async with path_to(system.urls[0]) as path:
        await join(browser, path, run, "Ada")
        players = (await host.call("GET", f"/runs/{run.id}/players"))["items"]
        await run.kick(players[0]["player_id"])
        await browser.sees("You were removed")
        for name in ("Ada", "Somebody else"):
            await browser.open(f"{path.url}/join/{run.pin}")
            await browser.fill("Nickname", name)
            await browser.click("Join")
            await browser.sees("You were removed")


async def test_without_websockets_a_quiz_is_played_by_polling(
    browser: Browser, system: System, http: httpx.AsyncClient
) -> None:
    host = await Host.register(http)
    run = await host.open_run(quiz_of(CHOICE, NUMBER), auto_advance=False)
    async with path_to(system.urls[0], websockets=False) as path:
        await join(browser, path, run, "Ada")
        await run.command("start")
        await browser.click("Pacific")
        await browser.sees("Right!")
        await run.command("next")
        await browser.fill("Your number", "1")
        await browser.click("Send")
        await browser.sees("Not this time")
        assert path.refused
        assert await answers(run) == [2, 1]


async def test_the_room_test_shows_the_transport(browser: Browser, system: System) -> None:
    async with path_to(system.urls[0]) as path:
        await browser.open(f"{path.url}/room-test")
        await browser.sees("this device can play")
        assert "A-W-" in await browser.text()
    async with path_to(system.urls[0], websockets=False) as path:
        await browser.open(f"{path.url}/room-test")
        await browser.sees("The quiz uses long polling instead.")
        assert "B-P-" in await browser.text()
        path.cut()
        await browser.click("Test again")
        await browser.sees("The server doesn’t respond.")
        assert "C-X" in await browser.text()


async def test_menu_items_work(browser: Browser, system: System, http: httpx.AsyncClient) -> None:
    account = {"email": f"{uuid.uuid4()}@example.org", "password": "correct horse battery"}
    await http.post("/auth/register", json={**account, "display_name": "Grace"})
    made = await http.post("/quizzes", json=quiz_of(CHOICE))
    assert made.is_success, made.text
    await browser.resize(*DESKTOP)
    async with path_to(system.urls[0]) as path:
        await browser.open(f"{path.url}/host/quizzes")
        await browser.fill("Email address", account["email"])
        await browser.fill("Password", account["password"])
        await browser.click("Sign in")
        await browser.sees("In every browser")
        await browser.run(AS_IN_SAFARI)
        await browser.click("More actions for In every browser")
        await browser.click("Duplicate", "choice")
        await browser.sees("In every browser (copy)")
        await browser.open(f"{path.url}/host/quizzes/{made.json()['id']}")
        await browser.run(AS_IN_SAFARI)
        await browser.click("Add a question")
        await browser.click("True or false", "choice")
        await browser.sees("Question 2")
