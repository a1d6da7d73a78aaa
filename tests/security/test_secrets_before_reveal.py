"""No solution leaves the system before its reveal, on any way out.

A real run is played whose solutions contain words that occur nowhere else. tests/telemetry and
tests/system look for secrets in what whole processes send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiohttp
import orjson
import pytest
import structlog
from aiokafka import AIOKafkaConsumer
from prometheus_client import CollectorRegistry, generate_latest

from bus.topics import RUN_EVENTS, TOPICS
from deploy.local.stack import Servers
from quiz.content import parse_quiz
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api
from tests.gateway.live.client import Client
from tests.gateway.live.conftest import Gateway, running_gateway
from tests.gateway.live.stage import Stores
from tests.security import matrix as m
from tests.security.actors import CALM, World
from workflows.contract import CommandInput

LONG = {"time_limit_s": 120}
QUESTIONS: list[dict[str, Any]] = [
    {"type": "text", "text": "Which animal?", "correct": {"accepted": ["WALRUS0", "NARWHAL0"]}},
    {"type": "number", "text": "How many?", "correct": {"value": 918273645, "tolerance": 31337}},
    {"type": "single", "text": "Which one?", "options": ["This", "That"], "correct": [1]},
]
SECRETS = (
    ("WALRUS0", "NARWHAL0", "EXPLAINED0"),
    ("918273645", "31337", "EXPLAINED1"),
    ("EXPLAINED2",),
)
WRONG = ("a seal", 7, 0)


@pytest.fixture(scope="module")
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture(scope="module")
async def gateway(
    servers: Servers, stores: Stores, registry: CollectorRegistry
) -> AsyncIterator[Gateway]:
    async with running_gateway(stores, servers.kafka_bootstrap, registry=registry) as running:
        yield running


@pytest.fixture
async def stream(servers: Servers) -> AsyncIterator[AIOKafkaConsumer]:
    """All topics from now on, as another consumer would read them."""
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="latest"
    )
    await consumer.start()
    await consumer.seek_to_end()
    yield consumer
    await consumer.stop()


def check(texts: Iterable[tuple[str, set[int]]], way: str) -> set[int]:
    """Check texts in their order, each with the questions that it reveals; return the revealed."""
    revealed: set[int] = set()
    for text, reveals in texts:
        revealed |= reveals
        for index, secrets in enumerate(SECRETS):
            if index not in revealed:
                assert not [secret for secret in secrets if secret in text], (way, text)
    return revealed


async def test_nothing_tells_a_solution_before_its_reveal(
    world: World, site: Api, gateway: Gateway, stream: AIOKafkaConsumer, registry: CollectorRegistry
) -> None:
    run_id, pin = await _opened(world)
    players = [
        await (await Client(gateway.url).connect()).join(pin, name) for name in ("Ann", "Bo")
    ]
    stranger = await Client(gateway.url).connect()
    clients = [*players, stranger]
    bodies: list[tuple[str, set[int]]] = []
    with structlog.testing.capture_logs() as logs:
        await _command(world, run_id, "start")
        for index, answer in enumerate(WRONG):
            for player in players:
                await player.sees_question(index)
                assert (await player.answer(index, answer))["ok"]
            # Snapshots of those who come late, and of those who come back.
            clients.append(await (await Client(gateway.url).connect()).join(pin, f"Late {index}"))
            await players[0].come_back()
            bodies += [(body, set()) for body in await _over_http(site, pin, players[0].token)]
            bodies.append((generate_latest(registry).decode(), set()))
            await _command(world, run_id, "pause")
            await _command(world, run_id, "resume")
            await _command(world, run_id, "skip")
            for player in players:
                await player.sees_reveal(index)
            bodies.append((await _review(site, players[0].token), {index}))
            await _command(world, run_id, "next")
        await players[0].hears("finished")
    everything = {0, 1, 2}
    for player in players:
        assert check(_frames(player), "frame") == everything
    for client in clients[2:]:
        check(_frames(client), "frame")
    assert check(bodies, "HTTP") == everything
    assert check(await _events(stream, run_id), "Kafka") == everything
    assert logs
    assert not check([(str(line), set()) for line in logs], "log")
    history = await world.services.hosting.workflows._handle(run_id).fetch_history()
    stored = b"".join(event.SerializeToString() for event in history.events).decode(errors="ignore")
    assert run_id in stored
    assert not check([(stored, set())], "workflow history")
    for client in clients:
        await client.close()


async def _opened(world: World) -> tuple[str, str]:
    questions = [
        {**question, **LONG, "explanation": f"EXPLAINED{index}"}
        for index, question in enumerate(QUESTIONS)
    ]
    quiz = parse_quiz({"title": "Secrets", "language": "en", "questions": questions})
    stored = await world.services.library.quizzes.create(world.owner.id, quiz, now_ms())
    snapshot = await world.services.hosting.opener.open(
        world.owner.id, world.owner.id, stored.id, CALM, None
    )
    return snapshot.state.run_id, snapshot.pin


async def _command(world: World, run_id: str, name: str) -> None:
    wanted = CommandInput(key=f"{name}-{now_ms()}", player_id=None, changes=None)
    await world.services.hosting.workflows.command(run_id, name, wanted)


async def _over_http(site: Api, pin: str, token: str) -> list[str]:
    """All that anybody and a player can read."""
    headers = {"Authorization": f"Bearer {token}"}
    paths = (f"{m.V1}/join/{pin}", f"{m.V1}/play/place", f"{m.V1}/review", "/metrics", "/readyz")
    async with aiohttp.ClientSession(site.url, headers=headers) as http:
        return [await (await http.get(path)).text() for path in paths]


async def _review(site: Api, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(site.url, headers=headers) as http:
        return await (await http.get(f"{m.V1}/review")).text()


def _frames(client: Client) -> Iterable[tuple[str, set[int]]]:
    for frame in client.frames:
        reveals = set()
        if '["reveal",' in frame:
            reveals.add(orjson.loads(frame[frame.index("[") :])[1]["question"])
        elif '"reveal":{' in frame:
            message = orjson.loads(frame[frame.index("[") :])[-1]
            reveals.add(message.get("snapshot", message)["reveal"]["question"])
        yield frame, reveals


async def _events(stream: AIOKafkaConsumer, run_id: str) -> list[tuple[str, set[int]]]:
    """The run's messages, those of each topic in their order, up to its end."""
    found: list[tuple[str, set[int]]] = []
    topics = set()
    async with asyncio.timeout(30):
        while not any('"phase":"finished"' in text for text, _ in found):
            for partition, messages in (await stream.getmany(timeout_ms=200)).items():
                for message in messages:
                    if message.key != run_id.encode():
                        continue
                    topics.add(partition.topic)
                    event = orjson.loads(message.value)
                    reveal = event["data"].get("snapshot", {}).get("reveal")
                    found.append(
                        (message.value.decode(), {reveal["question"]} if reveal else set())
                    )
    assert RUN_EVENTS in topics
    return found
