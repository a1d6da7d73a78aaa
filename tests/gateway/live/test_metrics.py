"""What operators can see of the sockets."""

from __future__ import annotations

import asyncio

import aiohttp
from prometheus_client import CollectorRegistry, generate_latest

from deploy.local.stack import Servers
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import running_gateway
from tests.gateway.live.stage import Stores


async def test_the_ends_of_connections_are_counted_by_reason(
    servers: Servers, stores: Stores
) -> None:
    registry = CollectorRegistry()

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"quizrun_transport_{name}_total", labels)

    def ended(reason: str) -> float | None:
        return value("sessions_ended", reason=reason)

    async with running_gateway(stores, servers.kafka_bootstrap, registry=registry) as gateway:
        assert value("coalesced") == value("bad_packets") == ended("slow_consumer") == 0
        url = f"{gateway.url}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
            await ws.send_str("nonsense")
            async with asyncio.timeout(5):
                async for _ in ws:
                    pass
        client = await Client(gateway.url).connect()
        await client.close()
        await until(lambda: value("sessions_opened") == 2 == len(_ends(registry)))
        assert value("bad_packets") == ended("transport_error") == 1
        assert ended("slow_consumer") == 0
        shown = generate_latest(registry).decode()
        assert shown.count("# TYPE quizrun_transport_sessions_ended_total counter") == 1


def _ends(registry: CollectorRegistry) -> list[str]:
    return [
        sample.labels["reason"]
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "quizrun_transport_sessions_ended_total" and sample.value
    ]
