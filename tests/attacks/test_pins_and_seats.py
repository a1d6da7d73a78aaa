"""Guessing PINs, taking all seats, and floods of requests that need the database."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import psycopg
import pytest

from tests.attacks.watching import Seen
from tests.attacks.witness import Witness, assert_unharmed
from tests.gateway.live.client import until
from tests.system.client import PythonClient
from tests.system.hosting import Host
from tests.system.quizzes import quiz, single
from tests.system.system import System

ATTACK_S = 2.0
AT_ONCE = 16
GUESSES = 100
"""The default of `QUIZRUN_PIN_GUESSES_PER_ADDRESS`."""
BLOCKED_MS = 500
"""An answer that has to wait for a connection waits for seconds: then it is refused."""
addresses = (f"203.0.113.{number}" for number in itertools.count(1))

Request = Callable[[aiohttp.ClientSession], Awaitable[str]]


@asynccontextmanager
async def at(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of this address, behind the trusted proxy that we are."""
    async with aiohttp.ClientSession(headers={"X-Forwarded-For": address}) as session:
        yield session


@asynccontextmanager
async def flood(session: aiohttp.ClientSession, request: Request) -> AsyncIterator[Counter[str]]:
    """Repeat `request` at full speed during the block, `AT_ONCE` at a time; count the outcomes."""
    outcomes: Counter[str] = Counter()

    async def repeat() -> None:
        while True:
            outcomes[await request(session)] += 1

    attackers = [asyncio.create_task(repeat()) for _ in range(AT_ONCE)]
    yield outcomes
    for attacker in attackers:
        attacker.cancel()
    ended = await asyncio.gather(*attackers, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended


def _guess() -> str:
    return str(random.randrange(100_000, 1_000_000))


async def test_guessing_pins_at_full_speed_is_cut_short(
    url: str, host: Host, witness: Witness, calm: Seen
) -> None:
    run, attacker = await host.open_run(quiz(single())), next(addresses)

    async def look_up(session: aiohttp.ClientSession) -> str:
        async with session.get(f"{url}/api/v1/join/{_guess()}") as response:
            found = await response.json()
            return str(found.get("code", "found"))

    async with at(attacker) as session:
        async with witness.watching() as seen, flood(session, look_up) as outcomes:
            # time: it is the attack's
            await asyncio.sleep(ATTACK_S)
        assert outcomes["pin_unknown"] <= GUESSES + AT_ONCE
        assert outcomes["too_many_requests"] > outcomes["pin_unknown"]
        by_socket = PythonClient(session, url)
        await by_socket.connect()
        answer = await by_socket.ask("join", {"pin": run.pin, "nickname": "Guess"})
        assert answer["error"]["code"] == "too_many_requests"
        await by_socket.close()
    assert_unharmed(calm, seen)
    async with at(next(addresses)) as session:
        pupil = await PythonClient(session, url).connect()
        await pupil.join(run.pin, "Pupil")
        await pupil.close()


async def test_one_address_cannot_take_all_seats(
    url: str, host: Host, witness: Witness, calm: Seen
) -> None:
    run = await host.open_run(quiz(single()), max_players=20, seats_per_network=5)
    codes: Counter[str] = Counter()
    async with at(next(addresses)) as session, witness.watching() as seen:
        # One socket after the other, so that no limit of sockets is in the way.
        for number in range(25):
            thief = await PythonClient(session, url).connect()
            answer = await thief.ask("join", {"pin": run.pin, "nickname": f"Thief {number}"})
            codes["seat" if answer["ok"] else answer["error"]["code"]] += 1
            await thief.close()
    assert codes == {"seat": 5, "network_full": 20}
    assert_unharmed(calm, seen)
    async with at(next(addresses)) as session:
        pupil = await PythonClient(session, url).connect()
        await pupil.join(run.pin, "Pupil")
        await pupil.close()


@pytest.mark.parametrize("attacked", ["media", "sessions"])
async def test_answers_are_written_while_requests_hold_all_other_connections(
    url: str, system: System, host: Host, attacked: str
) -> None:
    async def ask(session: aiohttp.ClientSession) -> str:
        if attacked == "media":
            async with session.get(f"{url}/media/{secrets.token_hex(32)}") as response:
                return str(response.status)
        token = f"{secrets.token_hex(16)}{secrets.token_urlsafe(32)}"
        cookie = {"Cookie": f"quizrun_session={token}"}
        async with session.post(f"{url}/api/v1/auth/refresh", headers=cookie) as response:
            return str(response.status)

    run = await host.open_run(quiz(single(time_limit_s=60)))
    async with at(next(addresses)) as session, contextlib.AsyncExitStack() as stack:
        players = [PythonClient(session, url) for _ in range(20)]
        for number, player in enumerate(players):
            await player.connect()
            stack.push_async_callback(player.close)
            await player.join(run.pin, f"Player {number}")
        await run.command("start")
        await players[0].answers_once_open(0, 0)
        # The slowest that a database can be: these requests wait as long as the test likes.
        with locked(system, attacked) as waiting:
            async with flood(session, ask):
                await until(lambda: waiting() > 1)
                took_ms = await _answers(players[1:])
                async with session.get(f"{url}/readyz") as ready:
                    assert ready.status == 200
                assert waiting() > 1
    assert max(took_ms) < BLOCKED_MS, took_ms


@contextlib.contextmanager
def locked(system: System, table: str) -> Iterator[Callable[[], int]]:
    """Lock a table; yields a function that counts the statements that wait for it."""
    url = system.servers.database_url
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        def waiting() -> int:
            count = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            row = watcher.execute(count).fetchone()
            assert row is not None
            return int(row[0])

        yield waiting
        holder.rollback()


async def _answers(players: list[PythonClient]) -> list[float]:
    """Answer one after the other; return how long the acknowledgements took (ms)."""
    took_ms = []
    for player in players:
        began = time.monotonic()
        answer = await player.answer(0, 0)
        took_ms.append(1000 * (time.monotonic() - began))
        assert answer["ok"], answer
        # time: as players answer, not all at once
        await asyncio.sleep(0.02)
    return took_ms
