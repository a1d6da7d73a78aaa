"""A browser and a polling client play through nginx, whatever happens behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.bots.errors import LostError
from deploy.local.child import Child
from tests.nginx.browser import Browser, running_browser
from tests.nginx.conftest import Site
from tests.system.hosting import Host, stored_answers
from tests.system.javascript import Driver, JavaScriptClient
from tests.system.quizzes import quiz, single

# One stack for all of them and nothing else on the machine, because they count seconds.
pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

LIMIT_S = 60
PATIENCE_S = 60.0


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as running:
        yield running


def tag_of(session: str) -> str:
    """The tag of a session's gateway."""
    tag, dot, _ = session.partition(".")
    assert dot, session
    return tag


def gateway_of(site: Site, tag: str) -> Child:
    return site.system.gateways[int(tag.removeprefix("g")) - 1]


async def insist(client: JavaScriptClient, question: int, answer: int) -> None:
    """Send an answer until it is acknowledged, like a good client."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                reply = await client.answer(question, answer)
            except (LostError, TimeoutError):
                continue
            if reply["ok"]:
                return
            assert reply["error"]["retryable"], reply
            await asyncio.sleep(0.1)


async def test_browser_and_polling_client_play_through_kills_and_reloads(
    site: Site, host: Host, driver: Driver, browser: Browser
) -> None:
    texts = [f"Question {number}" for number in range(4)]
    questions = [single(text, time_limit_s=LIMIT_S) for text in texts]
    run = await host.open_run(quiz(*questions), auto_advance=False)
    before = len(site.nginx.requests())
    polling = JavaScriptClient(driver, {"transports": ["polling"]}, site.url)
    await polling.connect()
    await polling.join(run.pin, "Bo")
    await browser.join(site.url, run.pin, "Ada")
    await run.command("start")

    async def both_answer(question: int) -> None:
        await asyncio.gather(browser.answers("Paris"), insist(polling, question, 0))
        await polling.sees_reveal(question, PATIENCE_S)

    async def both_see(question: int) -> None:
        await asyncio.gather(browser.sees(texts[question]), polling.sees_question(question))

    await both_see(0)
    await both_answer(0)
    await polls_find_their_gateway(site, before)

    # One player's gateway and then the other's, each with a question open.
    for question in (1, 2):
        await run.command("next")
        await both_see(question)
        session = await (browser.session() if question == 1 else polling.session())
        async with asyncio.TaskGroup() as at_once:
            at_once.create_task(site.system.crash(gateway_of(site, tag_of(session))))
            at_once.create_task(both_answer(question))
        if question == 1:
            assert await browser.session() != session

    # A reload keeps existing WebSockets, and polling clients are not affected.
    await run.command("next")
    await both_see(3)
    sessions = [await browser.session(), await polling.session()]
    site.nginx.reload()
    await both_answer(3)
    assert [await browser.session(), await polling.session()] == sessions

    await run.command("next")
    await polling.hears("finished", timeout_s=PATIENCE_S)
    await browser.sees("Ada")
    assert await polling.transport() == "polling"
    await polling.close()
    stored = await stored_answers(site.system.servers.database_url, run.id)
    assert [answer for answer, _ in stored.values()] == [0] * len(questions) * 2
    results = await run.results()
    assert [player["score"] > 0 for player in results["players"]] == [True, True]


async def polls_find_their_gateway(site: Site, since: int) -> None:
    """Check that no request of a session goes to the wrong gateway, which would reject it."""
    polls: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(polls) < 4:  # lines are a second late
            await asyncio.sleep(0.2)
            polls = [
                line["http.response.status_code"]
                for line in site.nginx.requests()[since:]
                if line["socketio.transport"] == "polling"
            ]
    assert set(polls) == {200}
