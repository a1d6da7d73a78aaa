"""A release under load: every process is replaced while people play through nginx."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx
import pytest

from deploy.bots.errors import LostError
from deploy.local.child import Child
from tests.nginx.conftest import Site
from tests.system.audit import check_standings
from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import Client, PythonClient
from tests.system.hosting import Host, Run
from tests.system.javascript import Driver, JavaScriptClient
from tests.system.quizzes import quiz, single

# One stack for all of them and nothing else on the machine, because they count seconds.
pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

QUESTIONS = 60
"""More than the release takes; the runs are ended after it."""
RUNS = 2
BY_WEBSOCKET = 12
STOCK = 2
"""Players per kind of stock JavaScript client in each run."""
LONGEST_GAP_MS = 3_000
"""In addition to the time to connect on this machine."""
RUN_S = 400.0
LOOK_S = 0.2


class StockClient(JavaScriptClient):
    """The library reconnects automatically. Requests on a lost connection are lost."""

    def __init__(self, driver: Driver, url: str, transports: list[str]) -> None:
        super().__init__(driver, {"transports": transports}, url)
        self._asked: set[asyncio.Future[Any]] = set()

    async def ask(self, event: str, *args: Any) -> Any:
        if not self.connected:
            raise LostError("not connected")
        asked = asyncio.ensure_future(super().ask(event, *args))
        self._asked.add(asked)
        try:
            done, _ = await asyncio.wait({asked})
            if asked.cancelled():
                raise LostError("disconnected")
            return done.pop().result()
        finally:
            self._asked.discard(asked)

    def take(self, event: str, args: list[Any]) -> None:
        super().take(event, args)
        if event == "disconnect":
            for asked in self._asked:
                asked.cancel()


class StockBot(Bot):
    """A player with the stock client's defaults."""

    def __init__(self, client: StockClient, nickname: str, plans: dict[int, Plan]) -> None:
        self._stock = client
        super().__init__(None, [client.url], nickname, plans)  # type: ignore[arg-type]
        self.client = client  # type: ignore[assignment]

    async def _come_back(self) -> None:
        self.lost += 1
        self._back.clear()
        while not self._stock.connected:
            await self._stock.news(len(self._stock.heard))
            await asyncio.sleep(0.02)
        self._back.set()


def longest_gap_ms(client: Client) -> float:
    """The longest time a client was disconnected."""
    changes = [one for one in client.heard if one.event in ("connect", "disconnect")]
    gaps = [
        back.at - lost.at
        for lost, back in itertools.pairwise(changes)
        if (lost.event, back.event) == ("disconnect", "connect")
    ]
    return max(gaps, default=0.0)


@dataclass
class Visits:
    """Requests of hosts and visitors during the release, and failed ones."""

    http: httpx.AsyncClient
    made: int = 0
    failed: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def going_on(self, run: Run) -> AsyncIterator[None]:
        going = asyncio.create_task(self._visit(run))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)

    async def _visit(self, run: Run) -> None:
        headers = {"Authorization": f"Bearer {run.host.token}"}
        for number in itertools.count():
            calls: tuple[tuple[str, str, dict[str, str]], ...] = (
                ("GET", f"/api/v1/runs/{run.id}", {}),
                ("GET", f"/join/{run.pin}", {}),
                ("POST", f"/api/v1/runs/{run.id}/lock", {"Idempotency-Key": f"lock-{number}"}),
            )
            for method, path, more in calls:
                self.made += 1
                try:
                    response = await self.http.request(method, path, headers={**headers, **more})
                except httpx.HTTPError as error:
                    self.failed.append(f"{method} {path}: {error!r}")
                    continue
                if not response.is_success:
                    self.failed.append(f"{method} {path}: {response.status_code} {response.text}")
            # time: a call each so often
            await asyncio.sleep(LOOK_S)


async def connecting_ms(site: Site, session: aiohttp.ClientSession) -> float:
    """The time for a client to connect to an idle system."""
    longest = 0.0
    for _ in range(5):
        began = time.monotonic()
        client = await PythonClient(session, site.url).connect()
        longest = max(longest, (time.monotonic() - began) * 1000)
        await client.close()
    return longest


def players(site: Site, session: aiohttp.ClientSession, driver: Driver, first: int) -> list[Bot]:
    def plans(index: int) -> dict[int, Plan]:
        delay_s = 0.1 + 2.5 * (index % 17) / 17
        return {
            question: Plan(delay_s, (index + question) % 3)
            for question in range(QUESTIONS)
            if (index + question)
            % 5  # one in five does not answer, so questions last their full time
        }

    bots: list[Bot] = [
        Bot(session, [site.url], f"bot {index}", plans(index))
        for index in range(first, first + BY_WEBSOCKET)
    ]
    for kind, transports in (("polling", ["polling"]), ("stock", ["polling", "websocket"])):
        bots += [
            StockBot(StockClient(driver, site.url, transports), f"{kind} {number}", plans(number))
            for number in range(STOCK)
        ]
    return bots


async def replace(child: Child) -> None:
    """Stop a process like an orchestrator, and start it again once it has exited."""
    ending = asyncio.create_task(child.stop())
    assert await child.wait() == 0, f"{child.spec.name} did not stop in good order"
    await ending
    await child.start()


async def test_a_release_loses_no_answer_and_disconnects_nobody_for_three_seconds(
    site: Site,
    http: httpx.AsyncClient,
    host: Host,
    session: aiohttp.ClientSession,
    driver: Driver,
) -> None:
    usual_ms = await connecting_ms(site, session)
    questions = [single(f"Question {number}") for number in range(QUESTIONS)]
    runs = [await host.open_run(quiz(*questions)) for _ in range(RUNS)]
    groups = [players(site, session, driver, 100 * index) for index in range(RUNS)]
    for run, bots in zip(runs, groups, strict=True):
        await enter_all(bots, run)
        await run.command("start")
    playing = asyncio.gather(*(play_all(bots, RUN_S) for bots in groups))

    visits = Visits(http)
    async with visits.going_on(runs[0]):
        # Migrations come first; this release has none that affects the previous one.
        await site.system.migrate()
        for child in (*site.system.workers, *site.system.gateways):
            await replace(child)
    assert not playing.done(), "the runs should outlast the release"
    for run in runs:
        await run.command("end")
    await playing

    # Acknowledged answers are stored once and scored; nothing else is.
    for run, bots in zip(runs, groups, strict=True):
        await check_standings(site.system.servers.database_url, run, bots)
    everybody = [bot for bots in groups for bot in bots]
    assert sum(len(bot.acknowledged) for bot in everybody) > len(everybody)
    assert all(bot.lost for bot in everybody), "every client is moved at least once"
    gaps = {bot.nickname: longest_gap_ms(bot.client) for bot in everybody}
    late = {name: round(gap) for name, gap in gaps.items() if gap > LONGEST_GAP_MS + usual_ms}
    assert late == {}, gaps
    assert visits.made > 0
    assert visits.failed == []
