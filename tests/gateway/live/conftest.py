"""Gateways on ports of their own, with the real stores and bus behind them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from prometheus_client import CollectorRegistry

from bus.consumer import RunEventConsumer
from bus.producer import Producer
from db.engine import make_engine
from db.migrate import migrate
from db.presence import Presence, PresenceReport, PresenceTotals
from db.redis import make_redis
from db.sharing import Sharing
from db.stores import AuthStores, OperationStores, PlayStores
from deploy.bots.errors import RefusedError
from deploy.local.stack import Servers
from gateway.addresses import NetworkHashes
from gateway.credentials import Credentials
from gateway.join_checks import JoinChecks
from gateway.join_proof import JoinProof
from gateway.keys import KeyRing
from gateway.live.gateway import LiveDeps, LiveGateway, LiveOptions
from gateway.pins import PinDirectory
from gateway.security import Tokens
from gateway.socket_limits import network_behind
from gateway.transport import Limits
from gateway.wiring import pin_directory
from telemetry.clock import now_ms
from tests.gateway.live.client import Client, until
from tests.gateway.live.stage import Show, Stores, open_show

KEYS = KeyRing("0123456789abcdef0123456789abcdef")
TOKENS = Tokens(KEYS, now_ms=now_ms, access_ttl_s=3600, player_ttl_s=3600)


@dataclass
class Signals:
    """Remembers what a workflow would have been told. `failures`: how many calls fail first."""

    joined: list[tuple[str, int]] = field(default_factory=list)
    answered: list[tuple[str, int]] = field(default_factory=list)
    versions: list[tuple[str, int]] = field(default_factory=list)
    """Those under which all had answered."""
    longest: list[tuple[str, int]] = field(default_factory=list)
    """The largest factors of extra time."""
    failures: int = 0

    async def players_joined(self, run_id: str, players: int, /) -> None:
        self._fail()
        self.joined.append((run_id, players))

    async def all_answered(self, run_id: str, question: int, version: int, /) -> None:
        self._fail()
        self.answered.append((run_id, question))
        self.versions.append((run_id, version))

    async def extra_times(self, run_id: str, longest: int, _change: int, _version: int, /) -> None:
        self._fail()
        self.longest.append((run_id, longest))

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the signal was lost")


class CountedPresence(Presence):
    """Counts the rounds in which a gateway compares with the others and tells who has answered."""

    rounds = 0

    async def exchange(
        self, gateway_id: str, reports: Sequence[PresenceReport]
    ) -> list[PresenceTotals] | None:
        totals = await super().exchange(gateway_id, reports)
        self.rounds += 1
        return totals


@dataclass
class Gateway:
    url: str
    live: LiveGateway
    signals: Signals
    consumer: RunEventConsumer
    presence: CountedPresence
    pins: PinDirectory

    async def rounds(self, count: int) -> None:
        """Return once it has looked `count` times at the rooms with an open question."""
        # One may be under way that began before whatever the test did last.
        enough = self.presence.rounds + count + 1
        await until(lambda: self.presence.rounds >= enough)


class SignallessServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


async def not_found(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def running_gateway(
    stores: Stores,
    bootstrap: str,
    *,
    follow: bool = True,
    presence: CountedPresence | None = None,
    registry: CollectorRegistry | None = None,
    pin_guesses: int = 10_000,
    join_work: int = 0,
    **options: Any,
) -> AsyncIterator[Gateway]:
    """`follow = False`: it hears of no events. `options` are those of `LiveOptions`."""
    signals, auth = Signals(), AuthStores(stores.engine)
    play = PlayStores(stores.engine, stores.redis, answer_engine=stores.answer_engine)
    play.presence = presence = presence or CountedPresence(stores.redis)
    credentials = Credentials(TOKENS, auth.sessions, auth.api_tokens, Sharing(stores.engine))
    operations = OperationStores(stores.engine, stores.redis)
    pins = pin_directory(play, operations, pin_guesses)
    deps = LiveDeps(
        gateway_id=str(uuid.uuid4()),
        stores=play,
        checks=JoinChecks(
            pins,
            JoinProof(join_work, b"the same on all gateways", operations.used_once),
            NetworkHashes(b"the same on all gateways"),
        ),
        producer=stores.producer,
        signals=signals,
        tokens=TOKENS,
        living_sessions=credentials.living,
        registry=registry or CollectorRegistry(),
    )
    pins.start()
    options.setdefault("socket_limits", Limits(network_of=network_behind("127.0.0.1")))
    live = LiveGateway(deps, LiveOptions(**options))
    consumer = RunEventConsumer(
        bootstrap,
        live.on_event,
        live.on_reset,
        client_id="gateway",
        needed=lambda: live.rooms.needed,
        patience_ms=live.patience_ms,
    )
    live.rooms.when_needed(consumer.wake)
    await live.start()
    if follow:
        await consumer.start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ws: Any = live.sio.websocket_protocol()
        config = uvicorn.Config(
            live.sio.asgi(not_found), ws=ws, lifespan="off", log_config=None, access_log=False
        )
        server = SignallessServer(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield Gateway(f"http://127.0.0.1:{port}", live, signals, consumer, presence, pins)
        if follow:
            await consumer.stop()
        await live.stop()
        await pins.stop()
        server.should_exit = True
        server.force_exit = True
        await serving


@pytest.fixture(scope="session")
async def stores(servers: Servers) -> AsyncIterator[Stores]:
    await asyncio.to_thread(migrate, servers.database_url)
    engine = make_engine(servers.database_url, pool_size=10, name="live-tests")
    recording = make_engine(servers.database_url, name="live-tests", generic_plans=True)
    redis = make_redis(servers.redis_url)
    producer = Producer(servers.kafka_bootstrap, idempotence=False, client_id="live-tests")
    await producer.start()
    yield Stores(engine, recording, redis, producer)
    await producer.stop()
    await redis.aclose()
    await recording.dispose()
    await engine.dispose()


@pytest.fixture(scope="package")
async def gateway(servers: Servers, stores: Stores) -> AsyncIterator[Gateway]:
    async with running_gateway(stores, servers.kafka_bootstrap) as running:
        yield running


@pytest.fixture(scope="package")
async def other_gateway(servers: Servers, stores: Stores) -> AsyncIterator[Gateway]:
    """A second one, as another process would be."""
    async with running_gateway(stores, servers.kafka_bootstrap) as running:
        yield running


@pytest.fixture
async def show(stores: Stores) -> Show:
    return await open_show(stores)


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def connect(gateway: Gateway) -> AsyncIterator[Connect]:
    """Connects clients, to `gateway` unless told otherwise, and closes them at the end."""
    clients: list[Client] = []

    async def make(
        to: Gateway | None = None, namespace: str = "/play", *, refused: bool = False, **auth: Any
    ) -> Client:
        client = Client((to or gateway).url, namespace)
        clients.append(client)
        if not refused:
            return await client.connect(**auth)
        with pytest.raises(RefusedError):
            await client.connect(**auth)
        assert client.refused["data"].keys() == {"code", "message", "retryable"}
        return client

    yield make
    for client in clients:
        await client.close()


Watch = Callable[..., Awaitable[Client]]


@pytest.fixture
def watch(connect: Connect) -> Watch:
    """Connects the host of a run."""

    async def make(show: Show, to: Gateway | None = None) -> Client:
        token = TOKENS.sign_access_token(show.host_id)
        return await connect(to, namespace="/host", token=token, run_id=show.run_id)

    return make
