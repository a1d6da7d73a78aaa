"""A run with all events that logs must contain, and personal data that they must not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.client import PythonClient, until_ms
from tests.system.hosting import Host, Run
from tests.system.quizzes import quiz, single, text
from tests.system.system import System

MAIL = "zebulon.quagga@wombat.example"
PASSWORD = "numbat staple battery"
HOST_NAME = "Xylander"
NICKNAME = "Axolotl"
ANSWER = "Pangolin"
PLAYERS = 6


@dataclass
class Scene:
    """A finished run and its secrets."""

    system: System
    run_id: str
    kicked: str
    secrets: list[str] = field(default_factory=list)

    @property
    def log_dir(self) -> Path:
        return self.system.processes[0].log_path.parent

    def own_lines(self) -> list[dict[str, Any]]:
        """The lines of gateways and workers, file by file."""
        found = []
        for child in self.system.processes:
            for path in sorted(self.log_dir.glob(f"{child.log_path.name}*"), reverse=True):
                found += [json.loads(line) for line in path.read_text().splitlines()]
        return found


async def play(system: System) -> Scene:
    """Play the run with its disturbances."""
    async with (
        aiohttp.ClientSession() as session,
        httpx.AsyncClient(base_url=f"{system.urls[0]}/api/v1", timeout=30) as http,
    ):
        host = await _register(http)
        run = await host.open_run(quiz(single(), text(correct={"accepted": [ANSWER]})))
        bots = [
            Bot(
                session,
                system.urls[:: 1 if number % 2 else -1],
                f"{NICKNAME} {number}",
                {0: Plan(2.0, 0), 1: Plan(0.3 + 0.5 * number, ANSWER)},
            )
            for number in range(PLAYERS)
        ]
        await enter_all(bots, run)
        unwanted = await PythonClient(session, system.urls[1]).connect()
        await unwanted.ask("join", {"pin": run.pin, "nickname": bots[0].nickname})
        await unwanted.join(run.pin, f"{NICKNAME} unwanted")
        await run.kick(unwanted.player_id)
        await run.command("start")
        await asyncio.gather(play_all(bots, 90), _disturb(system, run, bots[0].client))
        await _export(host, run)
        secrets = [bot.client.token for bot in bots]
    secrets += [unwanted.token, host.token, MAIL, "wombat.example", PASSWORD, HOST_NAME]
    secrets += [NICKNAME, ANSWER, _password_of(system.servers.database_url)]
    return Scene(system, run.id, unwanted.player_id, secrets)


async def _register(http: httpx.AsyncClient) -> Host:
    account = {"email": MAIL, "password": PASSWORD, "display_name": HOST_NAME}
    answer = await http.post("/auth/register", json=account)
    assert answer.status_code == 201, answer.text
    assert (await http.post("/auth/register", json=account)).status_code == 409
    wrong = {"email": MAIL, "password": PASSWORD + "!"}
    assert (await http.post("/auth/login", json=wrong)).status_code == 401
    return Host(http, answer.json()["access_token"])


async def _disturb(system: System, run: Run, player: PythonClient) -> None:
    """Pause the first question; interrupt two servers and a worker during the second."""
    (first,) = await player.hears("question")
    await until_ms(first["opens_at"] + 500)
    await player.ask("answer", {"question": 0, "answer": ANSWER})
    await player.ask("answer", {"question": ANSWER})
    await player.ask(ANSWER, {"question": 0})
    await run.command("pause")
    await run.command("resume")
    (second,) = await player.hears("question", where=lambda message: message["question"] == 1)
    await until_ms(second["opens_at"] + 100)
    await asyncio.gather(
        system.crash_server("postgres"),
        system.crash_server("valkey"),
        system.crash(system.workers[0]),
    )


async def _export(host: Host, run: Run) -> None:
    await run.results()
    headers = {"Authorization": f"Bearer {host.token}"}
    for form in ("csv", "xlsx"):
        answer = await host._http.get(
            f"/runs/{run.id}/results", params={"format": form}, headers=headers
        )
        assert answer.is_success, answer.text


def _password_of(url: str) -> str:
    return str(httpx.URL(url).password)
