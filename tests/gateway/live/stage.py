"""A quiz run, driven step by step by a test, with the activities of production."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from bus.messages import RunEvent
from bus.producer import Producer
from db.accounts import Accounts
from db.leaderboard import Leaderboard
from db.quizzes import Quizzes
from db.redis import RedisClient
from db.run_state import RunStates
from db.runs import NewRun
from db.stores import PlayStores
from quiz import commands
from quiz.content import Quiz
from quiz.events import Decision, EventType
from quiz.machine import apply
from quiz.presentation import public_question
from quiz.ranking import Total
from quiz.run import Phase, RunPlan, RunSettings, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from tests.quiz.examples import every_type
from workers.registry import Activities, build_activities
from workflows.contract import CloseInput, StepInput

pins = itertools.count(random.randrange(10**8, 9 * 10**8))


class Stores(PlayStores):
    """Those of a test, with its connections."""

    def __init__(
        self,
        engine: AsyncEngine,
        answer_engine: AsyncEngine,
        redis: RedisClient,
        producer: Producer,
    ) -> None:
        super().__init__(engine, redis)
        self.engine, self.answer_engine = engine, answer_engine
        self.redis, self.producer = redis, producer


class EventStream:
    """A producer that keeps a run's events, and may lose them on the way."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self.events: list[RunEvent] = []
        self.delivers = True

    async def run_event(self, event: RunEvent, _encoded: object = None) -> None:
        self.events.append(event)
        if self.delivers:
            await self._producer.run_event(event)

    async def answers(self, _answers: object) -> None:
        """No test here reads them."""

    async def scores(self, _scores: object) -> None:
        """No test here reads them."""


class LossyLeaderboard(Leaderboard):
    """Redis, which misses leaderboards while `reachable` is False."""

    reachable = True

    async def publish(self, run_id: str, totals: Sequence[Total], *, version: int) -> bool:
        return self.reachable and await super().publish(run_id, totals, version=version)


@dataclass
class Show:
    """One run. `publish = False` loses its events on the way; the stores learn of them still.
    `boards = False` loses its leaderboards on the way to Redis.
    """

    stores: Stores
    quiz: Quiz
    state: RunState
    pin: str
    host_id: str
    quiz_id: str
    closed: Decision | None = None
    """The reveal of the question that was closed last."""
    closing: RunState | None = None
    seed: str = "a secret seed"
    stream: EventStream = field(init=False)
    leaderboard: LossyLeaderboard = field(init=False)
    activities: Activities = field(init=False)

    def __post_init__(self) -> None:
        self.stream = EventStream(self.stores.producer)
        stores = PlayStores(self.stores.engine, self.stores.redis)
        stores.leaderboard = self.leaderboard = LossyLeaderboard(self.stores.redis)
        self.activities = build_activities(stores, cast("Producer", self.stream), settle_ms=0)

    @property
    def publish(self) -> bool:
        return self.stream.delivers

    @publish.setter
    def publish(self, value: bool) -> None:
        self.stream.delivers = value

    @property
    def boards(self) -> bool:
        return self.leaderboard.reachable

    @boards.setter
    def boards(self, value: bool) -> None:
        self.leaderboard.reachable = value

    @property
    def events(self) -> list[RunEvent]:
        return self.stream.events

    @property
    def states(self) -> RunStates:
        return self.stores.run_states

    @property
    def run_id(self) -> str:
        return self.state.run_id

    def snapshot(self) -> RunSnapshot:
        """What is shown of the run as of its state, without reveal and outcome."""
        question = None
        if self.state.question >= 0:
            question = public_question(
                self.quiz.questions[self.state.question],
                self.state.question,
                self.state.question_count,
                self.seed,
            )
        return RunSnapshot(
            state=self.state,
            title=self.quiz.title,
            pin=self.pin,
            host_id=self.host_id,
            language=self.quiz.language,
            question=question,
        )

    async def tell(self, kind: EventType, player_id: str | None = None) -> None:
        """Store and publish the state as the content of its version."""
        await self.activities.decisions.publish(self.state, kind, player_id)

    def apply(self, command: commands.Command) -> tuple[Decision, ...]:
        limits = tuple(question.time_limit_ms for question in self.quiz.questions)
        self.state, decisions = apply(self.state, command, now_ms(), RunPlan(time_limits_ms=limits))
        return decisions

    async def command(self, command: commands.Command) -> None:
        for decision in self.apply(command):
            await self.activities.decisions.publish(
                decision.state, decision.type, decision.player_id
            )

    async def start(self) -> None:
        await self.command(commands.Start())

    async def open_question(self, lead_ms: int = 0, limit_ms: int | None = None) -> None:
        """Open the next question, whatever phase the run is in."""
        index = self.state.question + 1
        opens_at = now_ms() + lead_ms
        closes_at = opens_at + (limit_ms or self.quiz.questions[index].time_limit_ms)
        self.state = self.state.model_copy(
            update={
                "version": self.state.version + 1,
                "phase": Phase.QUESTION,
                "due": None,
                "question": index,
                "opens_at": opens_at,
                "closes_at": closes_at,
                "deadline_at": self.state.last_closes_at or closes_at,
                "paused_ms": 0,
            }
        )
        await self.tell("question.opened")

    async def move_question(self) -> None:
        """Open the current question anew, as the workflow does with one that came too late."""
        state = self.state
        assert state.opens_at is not None
        opens_at = now_ms()
        closes_at = opens_at + self.quiz.questions[state.question].time_limit_ms
        moved = {"opens_at": opens_at, "closes_at": closes_at, "paused_ms": 0}
        if state.paused:
            moved |= {"paused_at": now_ms(), "remaining_ms": closes_at - opens_at}
        else:
            moved |= {"deadline_at": closes_at}
        self.state = state.model_copy(update={"version": state.version + 1, **moved})
        await self.tell("question.opened")

    async def close_question(self) -> None:
        """Let no more answers in."""
        closing, self.closed = self.apply(commands.Skip())
        self.state = self.closing = closing.state
        await self.tell(closing.type)

    async def reveal(self) -> None:
        """Score, rank and publish, the question having been closed."""
        assert self.closing is not None
        assert self.closed is not None
        self.state = self.closed.state
        step = CloseInput(closing=self.closing, closed=self.state)
        await self.activities.closing.close_question(step)
        self.apply(commands.StandingsPublished(question=self.state.question))

    async def finish(self) -> None:
        """End the run as its host would."""
        (decision,) = self.apply(commands.End())
        await self.activities.standings.finish_run(StepInput(state=decision.state))
        self.apply(commands.RunClosed())

    async def pause(self) -> None:
        await self.command(commands.Pause())

    async def resume(self) -> None:
        await self.command(commands.Resume())

    async def kick(self, player_id: str) -> None:
        await self.command(commands.Kick(player_id=player_id))


async def open_show(
    stores: Stores, quiz: Quiz | None = None, host_id: str | None = None, **settings: Any
) -> Show:
    """A run in its lobby."""
    quiz = quiz or every_type()
    now = now_ms()
    if host_id is None:
        account = await Accounts(stores.engine).create(f"{uuid.uuid4()}@example.org", "Ada", "h")
        host_id = account.id
    stored = await Quizzes(stores.engine).create(host_id, quiz, now)
    chosen = RunSettings(**settings)
    state = RunState(run_id=str(uuid.uuid4()), question_count=len(quiz.questions), settings=chosen)
    show = Show(
        stores=stores,
        quiz=quiz,
        state=state,
        pin=str(next(pins)),
        host_id=host_id,
        quiz_id=stored.id,
    )
    await stores.runs.create(
        NewRun(
            id=state.run_id,
            host_id=host_id,
            quiz_id=stored.id,
            quiz_version=1,
            title=quiz.title,
            pin=show.pin,
            seed=show.seed,
            settings=chosen,
            snapshot=show.snapshot(),
            created_at=now,
        )
    )
    await show.states.save(show.snapshot())
    return show
