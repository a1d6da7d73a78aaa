"""Thousands who come at the same moment are let in at a bounded rate, and told when to come."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from prometheus_client import CollectorRegistry

from deploy.bots.errors import RefusedError
from deploy.local.stack import Servers
from gateway.live.inbound import turnstile
from gateway.live.inbound.turnstile import HOLD_S, LATEST_S, Turnstile
from gateway.live.metrics import LiveMetrics
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Watch, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show

PER_S = 100


class Crowd:
    """Clients before a turnstile whose clock stands still: when each is let in or told to come."""

    def __init__(self) -> None:
        self.turnstile = Turnstile(
            PER_S, LiveMetrics(CollectorRegistry()), clock=lambda: 1_000.0, sleep=self._sleep
        )
        self.let_in_after_s: list[float] = []
        self.told_ms: list[int] = []

    async def come(self, clients: int) -> None:
        for _ in range(clients):
            try:
                await self.turnstile.enter()
            except QuizrunError as error:
                assert error.code is ErrorCode.UNAVAILABLE
                assert error.body()["retry_in_ms"] == error.retry_in_ms
                assert error.retry_in_ms is not None
                self.told_ms.append(error.retry_in_ms)

    async def _sleep(self, delay_s: float) -> None:
        self.let_in_after_s.append(delay_s)


async def test_a_crowd_is_let_in_one_after_the_other_and_the_line_is_bounded() -> None:
    crowd = Crowd()
    await crowd.come(5 * PER_S)
    gaps = [after - before for before, after in itertools.pairwise(crowd.let_in_after_s)]
    assert all(gap == pytest.approx(1 / PER_S) for gap in gaps)
    assert not crowd.told_ms
    await crowd.come(10 * PER_S)
    assert max(crowd.let_in_after_s) <= HOLD_S
    assert len(crowd.told_ms) > 9 * PER_S


async def test_who_is_turned_away_is_given_a_time_of_their_own_at_the_rate_of_the_turnstile() -> (
    None
):
    crowd = Crowd()
    await crowd.come(50 * PER_S)
    gaps = [after - before for before, after in itertools.pairwise(crowd.told_ms[:1000])]
    assert set(gaps) == {1000 // PER_S}
    assert max(crowd.told_ms) <= 1000 * LATEST_S


@pytest.mark.parametrize("clients", [0, 1, 50, 10_000])
def test_those_who_are_sent_away_come_to_the_next_gateway_spread_out(clients: int) -> None:
    times = Turnstile(1_000, LiveMetrics(CollectorRegistry())).spread_ms(clients)
    assert sorted(times) == list(range(clients))  # one each millisecond


async def test_a_gateway_that_stops_tells_everyone_when_to_come_back(
    servers: Servers, stores: Stores, watch: Watch
) -> None:
    show = await open_show(stores)
    async with running_gateway(stores, servers.kafka_bootstrap, admissions_per_s=10) as gateway:
        players = [await Client(gateway.url).connect() for _ in range(10)]
        for number, player in enumerate(players):
            await player.join(show.pin, f"Player {number}")
        host = await watch(show, gateway)
        await gateway.live.stop()
        told = [(await client.hears("come_back"))[0]["in_ms"] for client in (*players, host)]
        assert sorted(told) == [100 * place for place in range(11)]
        await until(lambda: all(player.disconnected for player in players))


async def test_too_many_who_come_back_or_join_at_once_are_told_when_to_come(
    servers: Servers, stores: Stores, connect: Connect, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "HOLD_S", 0.1)
    ann = await (await connect()).join(show.pin, "Ann")
    async with running_gateway(stores, servers.kafka_bootstrap, admissions_per_s=2) as slow:
        waiting = [await Client(slow.url).connect() for _ in range(4)]
        joins = [
            waiting_client.ask("join", {"pin": show.pin, "nickname": f"Player {number}"})
            for number, waiting_client in enumerate(waiting)
        ]
        refused = [answer for answer in await asyncio.gather(*joins) if not answer["ok"]]
        assert refused
        for answer in refused:
            assert answer["error"]["code"] == "unavailable"
            assert answer["error"]["retryable"]
            assert answer["error"]["retry_in_ms"] > 0
        back = Client(slow.url)
        while not await comes_in(back, ann.token):
            retry_in_ms = back.refused["data"]["retry_in_ms"]
            assert retry_in_ms > 0
            await asyncio.sleep(retry_in_ms / 1000)
            back = Client(slow.url)
        await back.hears("snapshot")
        for client in (*waiting, back):
            await client.close()


async def test_hosts_never_wait_in_line(
    servers: Servers, stores: Stores, watch: Watch, show: Show
) -> None:
    async with running_gateway(stores, servers.kafka_bootstrap, admissions_per_s=0.001) as slow:
        host = await watch(show, slow)
        await host.hears("snapshot")


async def comes_in(client: Client, token: str) -> bool:
    try:
        await client.connect(token=token)
    except RefusedError:
        return False
    return True
