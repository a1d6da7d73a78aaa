"""The activities as wired in a worker, on real stores, and a consumer of the event stream."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from bus.consumer import RunEventConsumer
from bus.messages import LiveMessage, RoomChanged, RunEvent
from bus.producer import Producer
from db.accounts import Accounts
from db.answers import AnswerRow, Answers, Recorded
from db.engine import make_engine
from db.ids import new_id
from db.migrate import migrate
from db.players import Joined, JoinRequest, Player, Players
from db.quizzes import Quizzes
from db.redis import RedisClient, make_redis
from db.runs import NewRun, Runs
from db.stores import PlayStores
from deploy.local.stack import Servers
from quiz.commands import Command
from quiz.events import Decision
from quiz.machine import apply
from quiz.run import RunPlan, RunSettings, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from tests.quiz.examples import every_type
from workers.registry import Activities, build_activities
from workflows.contract import DecisionsInput, Publication, StepInput

SETTLE_MS = 50
pins = itertools.count(random.randrange(10**10, 10**11))


@dataclass
class Backstage:
    """Stores, activities, and the events that gateways would receive."""

    engine: AsyncEngine
    redis: RedisClient
    producer: Producer
    activities: Activities
    heard: list[RunEvent] = field(default_factory=list)
    changes: list[RoomChanged] = field(default_factory=list)
    """Those of all rooms."""

    async def run(self, activity: Any, given: Any) -> Any:
        """Run the activity as a worker would; return its result."""
        return await ActivityEnvironment().run(activity, given)

    async def event(self, run_id: str, kind: str) -> RunEvent:
        """Wait for the run's first event of this kind."""
        async with asyncio.timeout(5):
            while True:
                for event in self.heard:
                    if event.run_id == run_id and event.type == kind:
                        return event
                await asyncio.sleep(0.01)


@dataclass
class Play:
    """A run with players, advanced step by step."""

    backstage: Backstage
    state: RunState
    players: list[Player]

    @property
    def run_id(self) -> str:
        return self.state.run_id

    def apply(self, command: Command, now: int | None = None) -> tuple[Decision, ...]:
        """Apply a command; return the decisions."""
        plan = RunPlan(time_limits_ms=(20_000,) * self.state.question_count)
        self.state, decisions = apply(self.state, command, now or now_ms(), plan)
        return decisions

    async def publish(self, *decisions: Decision) -> Publication:
        """Publish pending decisions, as the workflow does."""
        activity = self.backstage.activities.decisions.publish_decisions
        given = DecisionsInput(decisions=decisions)
        published: Publication = await self.backstage.run(activity, given)
        return published

    @property
    def step(self) -> StepInput:
        return StepInput(state=self.state)

    async def answers(self, question: int, **given: Any) -> None:
        """Record an answer of each nickname in `given`, all at 10 s."""
        rows = [
            AnswerRow(self.run_id, question, player.id, given[player.nickname], 10_000, now_ms())
            for player in self.players
            if player.nickname in given
        ]
        outcomes = await Answers(self.backstage.engine).record_batch(rows)
        assert all(isinstance(outcome, Recorded) for outcome in outcomes)


@pytest.fixture(scope="session")
async def backstage(servers: Servers) -> AsyncIterator[Backstage]:
    await asyncio.to_thread(migrate, servers.database_url)
    engine = make_engine(servers.database_url, name="activities")
    redis = make_redis(servers.redis_url)
    producer = Producer(servers.kafka_bootstrap, idempotence=False, client_id="activities")
    await producer.start()
    activities = build_activities(PlayStores(engine, redis), producer, settle_ms=SETTLE_MS)
    built = Backstage(engine, redis, producer, activities)

    def receive(message: LiveMessage) -> None:
        if isinstance(message, RunEvent):
            built.heard.append(message)
        elif isinstance(message, RoomChanged):
            built.changes.append(message)

    consumer = RunEventConsumer(servers.kafka_bootstrap, receive, lambda: None, "activities")
    await consumer.start()
    yield built
    await consumer.stop()
    await producer.stop()
    await redis.aclose()
    await engine.dispose()


@pytest.fixture
async def play(backstage: Backstage) -> Play:
    """A run of `every_type` with Ada, Bob and Cleo in the lobby."""
    engine, quiz, run_id, pin = backstage.engine, every_type(), new_id(), str(next(pins))
    account = await Accounts(engine).create(f"{new_id()}@example.org", "Host", "hash")
    stored = await Quizzes(engine).create(account.id, quiz, now_ms())
    state = RunState(run_id=run_id, question_count=8, settings=RunSettings(), players=3)
    await Runs(engine).create(
        NewRun(
            id=run_id,
            host_id=account.id,
            quiz_id=stored.id,
            quiz_version=stored.version,
            title=quiz.title,
            pin=pin,
            seed="a secret seed",
            settings=state.settings,
            snapshot=RunSnapshot(state=state, title=quiz.title, pin=pin, host_id=account.id),
            created_at=now_ms(),
        )
    )
    requests = [
        JoinRequest(run_id, new_id(), name, name.casefold(), None, now_ms())
        for name in ("Ada", "Bob", "Cleo")
    ]
    outcomes = await Players(engine).join_batch(requests)
    players = [outcome.player for outcome in outcomes if isinstance(outcome, Joined)]
    return Play(backstage, state, players)
