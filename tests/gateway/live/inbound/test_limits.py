"""Sockets of clients that do nothing, or nothing right, are closed."""

from __future__ import annotations

import asyncio

from deploy.local.stack import Servers
from gateway.transport import Limits
from tests.gateway.live.client import code_of, until
from tests.gateway.live.conftest import Connect, Gateway, Watch, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show

REFUSED = 340


async def test_who_sends_nothing_but_refused_events_is_disconnected(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ended = gateway.live.sio.counters["end:too_many_refusals"]
    honest = await (await connect()).join(show.pin, "Ann")
    flooding = await (await connect()).join(show.pin, "Bob")
    asked = [asyncio.create_task(flooding.ask("nonsense", {})) for _ in range(REFUSED)]
    await until(lambda: flooding.disconnected)
    done = await asyncio.gather(*asked, return_exceptions=True)
    codes = {code_of(ack) for ack in done if isinstance(ack, dict)}
    assert codes == {"payload_invalid", "too_many_requests"}
    assert sum(isinstance(ack, dict) for ack in done) == 300
    assert gateway.live.sio.counters["end:too_many_refusals"] == ended + 1
    assert (await honest.ask("sync", {"t0": 0}))["ok"]


async def test_who_does_not_join_in_time_is_disconnected(
    servers: Servers, stores: Stores, connect: Connect, watch: Watch, show: Show
) -> None:
    limits = Limits(join_timeout_s=0.5)
    approved = await open_show(stores, approve_players=True)
    async with running_gateway(
        stores, servers.kafka_bootstrap, follow=False, socket_limits=limits
    ) as strict:
        idle, waiting = await connect(strict), await connect(strict)
        player = await (await connect(strict)).join(show.pin, "Ann")
        refused = await waiting.ask("join", {"pin": approved.pin, "nickname": "Bob", "key": "b"})
        assert refused["error"]["code"] == "waiting_for_host"
        back = await connect(strict, token=player.token)
        host = await watch(show, strict)
        await until(lambda: idle.disconnected)
        # time: those who joined would have been disconnected by then, too
        await asyncio.sleep(1)
        assert [client.disconnected for client in (waiting, back, host)] == [False, False, False]
        assert strict.live.sio.counters["end:join_timeout"] == 1
