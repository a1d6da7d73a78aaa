"""What a gateway asks its servers while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from db.engine import make_engine
from db.redis import make_redis
from deploy.local.stack import Servers
from gateway.live.gateway import SWEEP_EVERY_S
from gateway.live.outbound.progress import QUIET_REPORT_EVERY_S
from gateway.live.outbound.watchdog import CHECK_EVERY_S
from tests.gateway.live.client import until
from tests.gateway.live.conftest import Connect, running_gateway
from tests.gateway.live.stage import Stores, open_show

IDLE_S = 4.0
LOBBIES = 5


@dataclass
class Asked:
    """What the clients of one gateway have sent. They share no connection with others."""

    statements: list[str] = field(default_factory=list)
    round_trips: int = 0
    """To Redis."""

    def clear(self) -> None:
        self.statements.clear()
        self.round_trips = 0


@asynccontextmanager
async def counted(servers: Servers, stores: Stores) -> AsyncIterator[tuple[Stores, Asked]]:
    asked = Asked()
    engine, redis = make_engine(servers.database_url, name="idle"), make_redis(servers.redis_url)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.statements.append(statement)

    pool: Any = redis.connection_pool  # type: ignore[union-attr]

    class Counted(pool.connection_class):  # type: ignore[misc]
        async def send_packed_command(self, *arguments: Any, **options: Any) -> None:
            asked.round_trips += 1
            await super().send_packed_command(*arguments, **options)

    pool.connection_class = Counted
    try:
        yield Stores(engine, engine, redis, stores.producer), asked
    finally:
        await redis.aclose()
        await engine.dispose()


async def test_a_gateway_without_rooms_asks_nothing(servers: Servers, stores: Stores) -> None:
    async with (
        counted(servers, stores) as (own, asked),
        running_gateway(own, servers.kafka_bootstrap) as gateway,
    ):
        asked.clear()
        # time: everything periodic has its turn
        await asyncio.sleep(IDLE_S)
        assert asked == Asked()
        assert gateway.presence.rounds == 0
        assert gateway.consumer.healthy


@pytest.mark.parametrize("lobbies", [1, LOBBIES])
async def test_lobbies_where_nothing_happens_share_a_few_questions(
    servers: Servers, stores: Stores, connect: Connect, lobbies: int
) -> None:
    async with (
        counted(servers, stores) as (own, asked),
        running_gateway(own, servers.kafka_bootstrap) as gateway,
    ):
        for _ in range(lobbies):
            show = await open_show(stores)
            player = await connect(gateway)
            await player.ask("join", {"pin": show.pin, "nickname": "Ann"})
        await until(lambda: gateway.presence.rounds > 0)
        # time: what followed the joins is over
        await asyncio.sleep(2 * CHECK_EVERY_S)
        asked.clear()
        rounds = gateway.presence.rounds
        await asyncio.sleep(IDLE_S)  # time: everything periodic has its turn
        # One comparison a second, and a sweep of two statements every five seconds.
        swept = 2 * (IDLE_S // SWEEP_EVERY_S + 1)
        assert len(asked.statements) <= IDLE_S / CHECK_EVERY_S + 1 + swept
        # All rooms report together.
        assert gateway.presence.rounds - rounds <= IDLE_S / QUIET_REPORT_EVERY_S + 2
        # Two for each such round, and at most one a second to repair snapshots.
        assert (
            asked.round_trips
            <= 2 * (IDLE_S / QUIET_REPORT_EVERY_S + 2) + IDLE_S / CHECK_EVERY_S + 1
        )
