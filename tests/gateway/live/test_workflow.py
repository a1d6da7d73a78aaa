"""Workflows hear how many players their runs have, whichever gateway is lost."""

from __future__ import annotations

import uuid

from db.join_request import JoinRequest
from gateway.live.outbound.watchdog import CHECK_EVERY_S
from telemetry.clock import now_ms
from tests.gateway.live.client import until
from tests.gateway.live.conftest import Connect, Gateway, Watch
from tests.gateway.live.stage import Show, Stores, open_show


async def joins_unnoticed(show: Show, nickname: str) -> None:
    """As on a gateway that was killed between the commit and the news of it."""
    request = JoinRequest(
        run_id=show.run_id,
        player_id=str(uuid.uuid4()),
        nickname=nickname,
        nickname_key=nickname.lower(),
        join_key=None,
        joined_at=now_ms(),
    )
    await show.stores.players.join_batch([request])


async def test_a_full_lobby_is_reported_although_the_gateway_of_the_last_join_was_killed(
    stores: Stores, gateway: Gateway, connect: Connect
) -> None:
    show = await open_show(stores, auto_start_players=2)
    ann = await (await connect()).join(show.pin, "Ann")
    await joins_unnoticed(show, "Bob")
    await until(lambda: (show.run_id, 2) in gateway.signals.joined, 4 * CHECK_EVERY_S)
    await ann.hears("lobby", where=lambda it: it["players"] == 2)


async def test_a_full_lobby_is_reported_until_temporal_is_back_and_then_no_more(
    stores: Stores, gateway: Gateway, other_gateway: Gateway, watch: Watch, connect: Connect
) -> None:
    show = await open_show(stores, auto_start_players=1)
    other_gateway.signals.failures = 2
    await watch(show)  # on the first gateway
    await (await connect(other_gateway)).join(show.pin, "Ann")
    told = (show.run_id, 1)
    await until(lambda: told in gateway.signals.joined and told in other_gateway.signals.joined)
    await until(lambda: not other_gateway.signals.failures)
    assert other_gateway.signals.joined.count(told) == gateway.signals.joined.count(told) == 1


async def test_a_lobby_that_is_not_full_is_reported_by_the_gateway_of_the_join_alone(
    stores: Stores, gateway: Gateway, other_gateway: Gateway, watch: Watch, connect: Connect
) -> None:
    show = await open_show(stores, auto_start_players=3)
    host = await watch(show)
    await (await connect(other_gateway)).join(show.pin, "Ann")
    await until(lambda: (show.run_id, 1) in other_gateway.signals.joined)
    await host.hears("lobby", where=lambda it: it["players"] == 1)
    assert (show.run_id, 1) not in gateway.signals.joined


async def test_a_run_under_way_hears_of_joins_that_nobody_told(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    await joins_unnoticed(show, "Bob")
    await until(lambda: (show.run_id, 2) in gateway.signals.joined, 4 * CHECK_EVERY_S)
