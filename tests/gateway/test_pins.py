from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import make_engine
from db.failures import Failures
from db.ids import new_id
from db.redis import RedisClient, make_redis
from db.remembered import Remembered
from db.runs import OpenRun, Runs
from db.scoring import Scoring
from deploy.local.stack import Servers
from gateway.guess_limit import NETWORKS_OF_A_SITE, GuessLimit
from gateway.pins import PinDirectory
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import NOW, finished, live_run

LIMIT = 3


@pytest.fixture
async def engine(servers: Servers, database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url, name="pins")
    yield engine
    await engine.dispose()


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[RedisClient]:
    redis = make_redis(servers.redis_url)
    yield redis
    await redis.aclose()


class Directory(NamedTuple):
    pins: PinDirectory
    batches: list[list[str]]
    refused: Counter[str]

    async def code(self, pin: str, network: str) -> str:
        """Look up a PIN; return the error code, if any."""
        try:
            await self.pins.find(pin, network)
        except QuizrunError as error:
            return str(error.code)
        return ""


@asynccontextmanager
async def directory(engine: AsyncEngine, redis: RedisClient, kind: str) -> AsyncIterator[Directory]:
    """The directory of a gateway, which notes its queries."""
    batches: list[list[str]] = []
    refused: Counter[str] = Counter()

    async def find(pins: Sequence[str]) -> list[OpenRun | None]:
        batches.append(list(pins))
        return await Runs(engine).open_by_pins(pins)

    limit = GuessLimit(kind, LIMIT, 60, Failures(redis, 60), Remembered(redis), refused)
    pins = PinDirectory(find, limit)
    pins.start()
    yield Directory(pins, batches, refused)
    await pins.stop()


async def test_lookups_are_batched_and_kept_whether_found_or_not(
    engine: AsyncEngine, redis: RedisClient
) -> None:
    run = await live_run(engine)
    async with directory(engine, redis, new_id()) as found:
        guesses = [f"9{number:05}" for number in range(100)]
        codes = await asyncio.gather(
            *(found.code(pin, f"network {pin}") for pin in guesses + [run.pin] * 50)
        )
        assert Counter(codes) == {"pin_unknown": 100, "": 50}
        assert len(found.batches) <= 3
        assert sum(map(len, found.batches)) == 101
        queries = len(found.batches)
        assert (await found.pins.find(run.pin, "a")).id == run.id
        assert await found.code(guesses[0], "b") == "pin_unknown"
        assert len(found.batches) == queries


async def test_a_run_that_has_just_been_opened_or_ended_is_seen_at_once(
    engine: AsyncEngine, redis: RedisClient
) -> None:
    async with directory(engine, redis, new_id()) as found:
        pin = str(10**11 + int(new_id()[:8], 16))
        assert await found.code(pin, "early") == "pin_unknown"
        run = await live_run(engine, pin=pin)
        found.pins.forget(pin)  # as the opener does, and each event of the run
        assert await found.code(pin, "a") == ""
        await Scoring(engine).finish(finished(run), [], NOW)
        found.pins.forget(pin)
        assert await found.code(pin, "a") == "pin_unknown"


async def test_a_network_that_guesses_is_refused_on_every_gateway(
    engine: AsyncEngine, redis: RedisClient
) -> None:
    run, kind = await live_run(engine), new_id()
    async with directory(engine, redis, kind) as one, directory(engine, redis, kind) as other:
        assert await one.code("1", "guesser") == "pin_unknown"
        assert await one.code("2", "guesser") == "pin_unknown"
        assert await other.code("3", "guesser") == "pin_unknown"
        # Right or wrong: else the refusal would tell them apart.
        assert await other.code(run.pin, "guesser") == "too_many_requests"
        assert await other.code("4", "guesser") == "too_many_requests"
        assert other.refused == {kind: 2}
        assert await one.code("4", "guesser") == "pin_unknown"  # learns the shared count by this
        assert await one.code("5", "guesser") == "too_many_requests"
        assert await one.code(run.pin, "somebody else") == ""


async def test_a_school_that_knows_its_pin_is_not_shut_out_by_a_pupil_who_guesses(
    engine: AsyncEngine, redis: RedisClient
) -> None:
    run, kind = await live_run(engine), new_id()
    async with directory(engine, redis, kind) as one, directory(engine, redis, kind) as other:
        for _ in range(10 * LIMIT):  # right ones do not count
            assert await one.code(run.pin, "school") == ""
        for guess in range(LIMIT):
            await other.code(str(guess), "school")
            await one.code(str(guess), "school")
        assert await one.code("5", "school") == "too_many_requests"
        assert await one.code(run.pin, "school") == ""
        assert await other.code(run.pin, "school") == ""


async def test_the_networks_of_one_ipv6_site_do_not_multiply_its_guesses(
    engine: AsyncEngine, redis: RedisClient
) -> None:
    async with directory(engine, redis, new_id()) as found:
        codes = [
            await found.code("1", f"2001:db8:7:{subnet:x}::/64")
            for subnet in range(NETWORKS_OF_A_SITE * LIMIT + 5)
        ]
        assert Counter(codes) == {
            "pin_unknown": NETWORKS_OF_A_SITE * LIMIT,
            "too_many_requests": 5,
        }
        assert await found.code("1", "2001:db8:8::/64") == "pin_unknown"


async def test_a_refusal_says_when_to_try_again(engine: AsyncEngine, redis: RedisClient) -> None:
    async with directory(engine, redis, new_id()) as found:
        for guess in range(LIMIT):
            await found.code(str(guess), "guesser")
        with pytest.raises(QuizrunError) as refused:
            await found.pins.find("9", "guesser")
        assert refused.value.code is ErrorCode.TOO_MANY_REQUESTS
        assert refused.value.retry_in_ms == 60_000
