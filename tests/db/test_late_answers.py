"""Whenever an answer is committed, the standings are those of a run in which none was late."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bus.messages import AnswerScored
from db.answers import AnswerRow, Answers, Recorded
from db.direct import Transaction, in_transaction
from db.players import Player
from db.runs import NewRun
from db.score_shard import score_shard
from db.scoring import ScoredAnswer, ScoreInput, Scoring
from quiz.ranking import standings
from quiz.scoring import Score, ScoreCounts
from quiz.streaks import StreakRules
from tests.db.make import NOW, answer_of, finished, joined, live_run, zero_scores
from tests.db.test_score_shard import job_of
from tests.db.test_scoring import assert_totals_are_the_sum_of_answers, record, scores_and_streaks

QUESTIONS = 7


def score_by_speed(given: ScoreInput) -> Score:
    """Score the answer 0 by speed; a poll (answer 5) earns nothing."""
    right = given.answer == 0
    return Score(points=right * (1_000 - given.elapsed_ms), correct=right)


@dataclass
class Recomputed:
    """A player's points and streak, recomputed from the acknowledged answers alone."""

    points: dict[int, tuple[int, int]] = field(default_factory=dict)
    streak: int = 0

    @property
    def score(self) -> int:
        return sum(points for points, _ in self.points.values())


def recompute(own: dict[int, AnswerRow], asked: int, polls: set[int]) -> Recomputed:
    expected = Recomputed()
    for question in range(QUESTIONS):
        row = own.get(question)
        if question > asked and row is None:
            continue
        right = row is not None and row.answer == 0
        if question not in polls:
            expected.streak = expected.streak + 1 if right else 0
        if row is not None:
            bonus = min(500, 100 * (expected.streak - 1)) if right else 0
            earned = 1_000 - row.elapsed_ms + bonus if right else 0
            expected.points[question] = (earned, bonus)
    return expected


@dataclass
class Consumer:
    """A consumer of scores that drops duplicates by id; an answer's latest score counts."""

    run: NewRun
    by_id: dict[str, AnswerScored] = field(default_factory=dict)
    latest: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    def read(self, scored_in: int, scored: Sequence[ScoredAnswer]) -> None:
        for row in scored:
            message = AnswerScored(
                run_id=self.run.id,
                question=row.question,
                player_id=row.player_id,
                points=row.points,
                bonus=row.bonus,
                correct=row.correct,
                scored_in=scored_in,
            )
            assert self.by_id.setdefault(message.event_id, message) == message
            self.latest[row.player_id, row.question] = (row.points, row.bonus)


@dataclass
class Show:
    """A run whose answers are committed when `commits` says: before the scoring of a question, or
    (100 more) while a second attempt scores it, or (any other number) before the end.
    """

    engine: AsyncEngine
    run: NewRun
    rng: random.Random
    polls: set[int]
    commits: dict[int, list[AnswerRow]]
    consumer: Consumer

    async def commit(self, now: int) -> None:
        rows = self.commits.pop(now, [])
        outcomes = await Answers(self.engine).record_batch(rows)
        assert all(isinstance(outcome, Recorded) for outcome in outcomes)

    async def score(self, question: int, scored_in: int | None = None) -> None:
        """Score with one or several concurrent scorers, one of which may be a question late."""
        scoring = Scoring(self.engine)
        scorers = [(question, scored_in, self.rng.choice([1, 3, 4]))]
        scorers += self.rng.choice([[], [(question, scored_in, 2)], [(question - 1, None, 1)]])
        await asyncio.gather(
            *(
                scoring.score_run(
                    self.run.id,
                    of,
                    score_by_speed,
                    scored_in=mark,
                    shards=shards,
                    streaks=StreakRules(set(range(QUESTIONS)) - self.polls, bonuses=True),
                )
                for of, mark, shards in scorers
                if of >= 0 or mark is not None
            )
        )

    async def play(self, asked: int) -> None:
        """Play the questions up to `asked`, each scored by one or two attempts, then finish."""
        scoring = Scoring(self.engine)
        for question in range(asked + 1):
            await self.commit(question)
            await self.score(question)
            # The rest arrives while a second attempt scores.
            await asyncio.gather(self.commit(question + 100), self.score(question))
            # A frozen attempt resumes while the answers are read, or later.
            scored, _ = await asyncio.gather(
                scoring.scored_in(self.run.id, question), self.score(question)
            )
            self.consumer.read(question, scored)
        for left in list(self.commits):
            await self.commit(left)
        await self.score(asked, QUESTIONS)
        ranks = standings(await scoring.totals(self.run.id))
        assert await scoring.finish(finished(self.run), ranks, NOW)
        self.consumer.read(QUESTIONS, await scoring.scored_in(self.run.id, QUESTIONS))


def answers_of(
    rng: random.Random, run: NewRun, players: list[Player], asked: int, polls: set[int]
) -> list[AnswerRow]:
    """Answers to most questions, most of them correct; sometimes to one beyond `asked`."""
    return [
        answer_of(run, player, question, answer, elapsed_ms=rng.randrange(1_000))
        for player in players
        for question in range(QUESTIONS)
        if rng.random() < (0.85 if question <= asked else 0.1)
        for answer in [5 if question in polls else rng.choice([0, 0, 0, 1])]
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_standings_are_those_of_a_recomputation_however_late_answers_are_committed(
    engine: AsyncEngine, seed: int
) -> None:
    rng = random.Random(seed)
    run = await live_run(engine)
    players = await joined(engine, run, 40)
    polls = {question for question in range(QUESTIONS) if rng.random() < 0.2}
    asked = rng.choice([-1, 2, QUESTIONS - 2, QUESTIONS - 1])
    rows = answers_of(rng, run, players, asked, polls)
    commits: dict[int, list[AnswerRow]] = {}
    for row in rows:
        late = rng.random() < 0.3
        moments = [at + extra for at in range(row.question, asked + 1) for extra in (0, 100)]
        when = rng.choice([*moments, QUESTIONS]) if late else row.question
        commits.setdefault(when, []).append(row)
    show = Show(engine, run, rng, polls, commits, Consumer(run))

    await show.play(asked)

    await assert_totals_are_the_sum_of_answers(engine, run)
    own: dict[str, dict[int, AnswerRow]] = {player.id: {} for player in players}
    for row in rows:
        own[row.player_id][row.question] = row
    expected = {player: recompute(answers, asked, polls) for player, answers in own.items()}
    assert await scores_and_streaks(engine, run) == [
        (expected[player.id].score, expected[player.id].streak) for player in players
    ]
    assert show.consumer.latest == {
        (player, question): points
        for player, one in expected.items()
        for question, points in one.points.items()
    }


async def test_a_late_answer_joins_two_streaks_and_the_bonuses_since_are_corrected(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    for question, given in enumerate(["00", "-0", "00"]):
        await record(engine, run, players, question, given)
        await scoring.score_run(run.id, question, zero_scores, streaks=StreakRules(bonuses=True))
    assert await scores_and_streaks(engine, run) == [(200, 1), (600, 3)]
    await record(engine, run, players, 1, "0-")  # a stalled gateway's row
    await record(engine, run, players, 3, "00")
    tally = await scoring.score_run(run.id, 3, zero_scores, streaks=StreakRules(bonuses=True))
    assert tally == ScoreCounts(answered=2, scored=3, late=1)
    assert await scores_and_streaks(engine, run) == [(1_000, 4), (1_000, 4)]
    ada, bob = (player.id for player in players)
    scored = await scoring.scored_in(run.id, 3)
    assert {(row.question, row.player_id, row.points, row.bonus) for row in scored} == {
        (1, ada, 200, 100),
        (2, ada, 300, 200),
        (3, ada, 400, 300),
        (3, bob, 400, 300),
    }


async def test_an_answer_that_a_first_attempt_missed_does_not_break_the_streak(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await record(engine, run, players, 0, "01")
    await scoring.score_run(run.id, 0, zero_scores, streaks=StreakRules(bonuses=True))
    await scoring.score_run(run.id, 1, zero_scores, streaks=StreakRules(bonuses=True))
    await record(engine, run, players, 1, "00")
    await scoring.score_run(run.id, 1, zero_scores, streaks=StreakRules(bonuses=True))
    assert await scores_and_streaks(engine, run) == [(300, 2), (100, 1)]


async def test_at_the_end_answers_to_every_question_are_scored(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await record(engine, run, players, 1, "01")
    assert (await scoring.score_run(run.id, -1, zero_scores, scored_in=3)).scored == 2
    assert [row.question for row in await scoring.scored_in(run.id, 3)] == [1, 1]
    await assert_totals_are_the_sum_of_answers(engine, run)


async def test_concurrent_scorers_add_the_bonus_of_a_late_answer_once(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 60)
    scoring = Scoring(engine)
    for question in (1, 2):
        await record(engine, run, players, question, "0" * 60)
        await scoring.score_run(run.id, question, zero_scores, streaks=StreakRules(bonuses=True))
    await record(engine, run, players, 0, "0" * 60)
    await asyncio.gather(
        *(
            scoring.score_run(
                run.id,
                2,
                zero_scores,
                scored_in=3,
                shards=shards,
                streaks=StreakRules(bonuses=True),
            )
            for shards in (1, 2, 5, 16)
        )
    )
    assert await scores_and_streaks(engine, run) == [(600, 3)] * 60
    await assert_totals_are_the_sum_of_answers(engine, run)


async def test_answers_scored_after_publishing_are_published_with_the_next_question(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await record(engine, run, players, 0, "0-")
    await scoring.score_run(run.id, 0, zero_scores)
    assert len(await scoring.scored_in(run.id, 0)) == 1
    await record(engine, run, players, 0, "-0")
    assert (await scoring.score_run(run.id, 0, zero_scores)).scored == 0  # woken up too late
    assert (await scoring.score_run(run.id, 1, zero_scores)).late == 1
    assert [row.question for row in await scoring.scored_in(run.id, 1)] == [0]


async def test_reading_answers_waits_for_scorers_at_work(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 20)
    await record(engine, run, players, 0, "0" * 20)

    async def score_while_answers_are_read(
        scorer: Transaction,
    ) -> asyncio.Task[list[ScoredAnswer]]:
        assert (await score_shard(scorer, job_of(run))).scored == 20
        reading = asyncio.create_task(Scoring(engine).scored_in(run.id, 0))
        done, _ = await asyncio.wait([reading], timeout=0.3)
        assert not done
        return reading

    reading = await in_transaction(engine, score_while_answers_are_read)
    assert len(await reading) == 20


async def test_a_corrected_score_has_an_id_of_its_own(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    scored = AnswerScored(
        run_id=run.id, question=1, player_id="ada", points=1, bonus=0, correct=True, scored_in=1
    )
    assert scored.event_id == f"{run.id}/1/ada/score"
    corrected = scored._replace(bonus=100, scored_in=4)
    assert corrected.event_id == f"{run.id}/1/ada/score/4"
