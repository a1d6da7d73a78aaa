"""Factories for rows."""

from __future__ import annotations

import itertools
import random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.answers import AnswerKey, AnswerRow, Answers, OwnAnswer
from db.ids import new_id
from db.players import Joined, JoinRequest, Player, Players
from db.quizzes import Quizzes
from db.runs import NewRun, Runs
from db.scoring import ScoreInput
from quiz.answers import Answer
from quiz.content import Quiz, parse_quiz
from quiz.run import Phase, RunSettings, RunState
from quiz.scoring import Score
from quiz.snapshot import RunSnapshot

NOW = 1_700_000_000_000
pins = itertools.count(random.randrange(10**9))


def capitals(questions: int = 3) -> Quiz:
    question = {
        "type": "single",
        "text": "Capital of France?",
        "options": ["Paris", "Rome", "Oslo"],
        "correct": [0],
    }
    return parse_quiz({"title": "Capitals", "questions": [question] * questions})


def snapshot_of(run: NewRun, **state: Any) -> RunSnapshot:
    changed = run.snapshot.state.model_copy(update=state)
    return run.snapshot.model_copy(update={"state": changed})


def finished(run: NewRun, version: int = 99) -> RunSnapshot:
    return snapshot_of(run, version=version, phase=Phase.FINISHED)


async def new_run(engine: AsyncEngine, *, pin: str | None = None, **settings: Any) -> NewRun:
    """A run that is not stored yet, of a stored account and quiz."""
    account = await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")
    quiz = await Quizzes(engine).create(account.id, capitals(), NOW)
    run_id, pin = new_id(), pin or str(next(pins))
    chosen = RunSettings(**settings)
    state = RunState(run_id=run_id, question_count=3, settings=chosen)
    return NewRun(
        id=run_id,
        host_id=account.id,
        quiz_id=quiz.id,
        quiz_version=1,
        title="Capitals",
        pin=pin,
        seed="seed",
        settings=chosen,
        snapshot=RunSnapshot(state=state, title="Capitals", pin=pin, host_id=account.id),
        created_at=NOW,
    )


async def live_run(engine: AsyncEngine, **settings: Any) -> NewRun:
    run = await new_run(engine, **settings)
    await Runs(engine).create(run)
    return run


def request(run: NewRun, nickname: str, join_key: str | None = None) -> JoinRequest:
    return JoinRequest(run.id, new_id(), nickname, nickname.casefold(), join_key, NOW)


async def joined(engine: AsyncEngine, run: NewRun, count: int) -> list[Player]:
    requests = [request(run, f"player {number}") for number in range(1, count + 1)]
    outcomes = await Players(engine).join_batch(requests)
    players = [outcome.player for outcome in outcomes if isinstance(outcome, Joined)]
    assert len(players) == count
    return players


def answer_of(
    run: NewRun, player: Player, question: int = 0, answer: Answer = 0, elapsed_ms: int = 1_000
) -> AnswerRow:
    return AnswerRow(run.id, question, player.id, answer, elapsed_ms, NOW + elapsed_ms)


async def own_answer(
    answers: Answers, run_id: str, question: int, player_id: str
) -> OwnAnswer | None:
    (own,) = await answers.own_many([AnswerKey(run_id, question, player_id)])
    return own


def zero_scores(given: ScoreInput) -> Score:
    """100 points for the answer 0."""
    right = given.answer == 0
    return Score(points=100 * right, correct=right)


async def stored_answers(engine: AsyncEngine, run: NewRun) -> set[tuple[int, str]]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT question, player_id FROM answers WHERE run_id = :run_id"),
            {"run_id": run.id},
        )
        return {(row.question, row.player_id) for row in rows}
