"""A quiz run as the workflow would drive it, step by step as a test wants."""

from __future__ import annotations

import itertools
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bus.messages import RunEvent
from bus.producer import Producer
from db.accounts import Accounts
from db.quizzes import Quizzes
from db.redis import RedisClient
from db.run_state import RunStates
from db.runs import NewRun
from db.scoring import ScoreInput
from db.stores import PlayStores
from quiz import commands
from quiz.content import Quiz
from quiz.events import Decision, EventType
from quiz.machine import apply
from quiz.presentation import distribution, public_question, shown_for, solution
from quiz.ranking import Standing, standings
from quiz.run import Phase, RunPlan, RunSettings, RunState
from quiz.scoring import Score, score_answer
from quiz.snapshot import LeaderboardLine, Outcome, Reveal, RunSnapshot
from quiz.streaks import StreakRules
from telemetry.clock import now_ms
from tests.quiz.examples import every_type

pins = itertools.count(random.randrange(10**8, 9 * 10**8))


class Stores(PlayStores):
    """Those of a test, with its connections."""

    def __init__(self, engine: AsyncEngine, redis: RedisClient, producer: Producer) -> None:
        super().__init__(engine, redis)
        self.engine, self.redis, self.producer = engine, redis, producer


@dataclass
class Show:
    """One run. `publish = False` loses its events on the way; the stores learn of them still.
    `boards = False` loses its leaderboards on the way to Redis.
    """

    stores: Stores
    states: RunStates
    quiz: Quiz
    state: RunState
    pin: str
    host_id: str
    quiz_id: str
    publish: bool = True
    closed: Decision | None = None
    """The reveal of the question that was closed last."""
    boards: bool = True
    shown: Reveal | None = None
    """What was revealed last."""
    seed: str = "a secret seed"
    events: list[RunEvent] = field(default_factory=list)

    @property
    def run_id(self) -> str:
        return self.state.run_id

    def snapshot(self, **parts: Any) -> RunSnapshot:
        if self.state.question >= 0 and "question" not in parts:
            content = self.quiz.questions[self.state.question]
            parts["question"] = public_question(
                content, self.state.question, self.state.question_count, self.seed
            )
        if self.state.phase is Phase.REVEAL:
            parts.setdefault("reveal", self.shown)
        return RunSnapshot(
            state=self.state,
            title=self.quiz.title,
            pin=self.pin,
            host_id=self.host_id,
            language=self.quiz.language,
            **parts,
        )

    async def tell(
        self, kind: EventType, snapshot: RunSnapshot, player_id: str | None = None
    ) -> RunEvent:
        await self.stores.runs.save_snapshot(snapshot)
        await self.states.save(snapshot)
        event = RunEvent(
            type=kind, version=self.state.version, snapshot=snapshot, player_id=player_id
        )
        self.events.append(event)
        if self.publish:
            await self.stores.producer.run_event(event)
        return event

    def apply(self, command: commands.Command) -> tuple[Decision, ...]:
        limits = tuple(question.time_limit_ms for question in self.quiz.questions)
        self.state, decisions = apply(self.state, command, now_ms(), RunPlan(time_limits_ms=limits))
        return decisions

    async def command(self, command: commands.Command) -> None:
        for decision in self.apply(command):
            await self.tell(decision.type, self.snapshot(), decision.player_id)

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
        await self.tell("question.opened", self.snapshot())

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
        await self.tell("question.opened", self.snapshot())

    async def close_question(self) -> None:
        """Let no more answers in."""
        closing, self.closed = self.apply(commands.Skip())
        self.state = closing.state
        await self.tell(closing.type, self.snapshot())

    async def reveal(self) -> None:
        """Score, rank and publish, the question having been closed."""
        question = self.state.question
        content = self.quiz.questions[question]
        await self._score()
        assert self.closed is not None
        self.state = self.closed.state
        lines = await self._rank()
        answers = await self.stores.answers.counts(self.run_id, question)
        answered, correct = await self.stores.answers.tally(self.run_id, question)
        shown = shown_for(content, question, self.seed)
        reveal = self.shown = Reveal(
            question=question,
            solution=solution(content, question, self.seed),
            explanation=content.explanation,
            distribution=distribution(content, answers, shown),
            answered=answered,
            correct=correct if content.scored else None,
            leaderboard=lines[:10],
        )
        await self.tell("question.closed", self.snapshot(reveal=reveal))
        self.apply(commands.StandingsPublished(question=question))

    async def finish(self) -> None:
        (decision,) = self.apply(commands.End())
        kind = decision.type
        self.apply(commands.RunClosed())
        if self.state.question >= 0:
            await self._score()
        totals = await self.stores.scoring.totals(self.run_id)
        if self.boards:
            await self.stores.leaderboard.publish(self.run_id, totals, version=self.state.version)
        ranks: list[Standing] = standings(totals)
        lines = [LeaderboardLine(rank=s.rank, nickname=s.nickname, score=s.score) for s in ranks]
        outcome = Outcome(podium=lines[:3], leaderboard=lines[:10], players=len(lines))
        snapshot = self.snapshot(outcome=outcome)
        assert await self.stores.scoring.finish(snapshot, ranks, now_ms())
        await self.states.save(snapshot)
        event = RunEvent(type=kind, version=self.state.version, snapshot=snapshot)
        self.events.append(event)
        if self.publish:
            await self.stores.producer.run_event(event)

    async def pause(self) -> None:
        await self.command(commands.Pause())

    async def resume(self) -> None:
        await self.command(commands.Resume())

    async def kick(self, player_id: str) -> None:
        await self.stores.players.kick(self.run_id, player_id, now_ms())
        before = self.state.standings_version
        (event,) = self.apply(commands.Kick(player_id=player_id))
        await self.stores.leaderboard.remove(
            self.run_id, player_id, before=before, version=event.version
        )
        await self.tell(event.type, self.snapshot(), player_id)

    async def _score(self) -> None:
        def score(given: ScoreInput) -> Score:
            content = self.quiz.questions[given.question]
            shown = shown_for(content, given.question, self.seed)
            return score_answer(
                content,
                given.answer,
                given.elapsed_ms,
                scoring="speed",
                shown=shown,
                extra_time=given.extra_time,
            )

        await self.stores.scoring.score_run(
            self.run_id,
            self.state.question,
            score,
            streaks=StreakRules(self.quiz.scored_questions),
        )

    async def _rank(self) -> list[LeaderboardLine]:
        totals = await self.stores.scoring.totals(self.run_id)
        if self.boards:
            await self.stores.leaderboard.publish(self.run_id, totals, version=self.state.version)
        return [
            LeaderboardLine(rank=line.rank, nickname=line.nickname, score=line.score)
            for line in standings(totals)
        ]


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
        states=stores.run_states,
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
