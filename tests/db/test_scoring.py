from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import Answers
from db.players import Player, Players
from db.runs import NewRun
from db.scoring import PlayerResult, ScoreInput, Scoring
from quiz.scoring import Score, ScoreCounts
from quiz.streaks import StreakRules
from tests.db.make import NOW, answer_of, joined, live_run, own_answer, zero_scores


async def record(
    engine: AsyncEngine, run: NewRun, players: Sequence[Player], question: int, answers: str
) -> None:
    """Record one answer for each player; ``-`` for none."""
    rows = [
        answer_of(run, player, question, int(given))
        for player, given in zip(players, answers, strict=True)
        if given != "-"
    ]
    await Answers(engine).record_batch(rows)


async def scores_and_streaks(engine: AsyncEngine, run: NewRun) -> list[tuple[int, int]]:
    """Score and streak of each player in joining order, including kicked ones."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT score, streak FROM players WHERE run_id = :id ORDER BY number"),
            {"id": run.id},
        )
        return [(row.score, row.streak) for row in rows]


async def assert_totals_are_the_sum_of_answers(engine: AsyncEngine, run: NewRun) -> None:
    async with engine.connect() as connection:
        wrong = await connection.scalar(
            text("""
                SELECT count(*) FROM players p WHERE run_id = :id AND score <> (
                    SELECT coalesce(sum(points), 0) FROM answers
                    WHERE run_id = :id AND player_id = p.id)
            """),
            {"id": run.id},
        )
        unscored = await connection.scalar(
            text("SELECT count(*) FROM answers WHERE run_id = :id AND points IS NULL"),
            {"id": run.id},
        )
    assert (wrong, unscored) == (0, 0)


async def test_points_go_to_answers_and_totals(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 4)
    await record(engine, run, players, 0, "01-0")
    scoring = Scoring(engine)
    assert await scoring.score_run(run.id, 0, zero_scores) == ScoreCounts(
        answered=3, scored=3, late=0
    )
    assert await scores_and_streaks(engine, run) == [(100, 1), (0, 0), (0, 0), (100, 1)]
    ids = [player.id for player in players[:3]]
    results = await scoring.player_results(run.id, 0, ids)
    assert [_without_times(results[one]) for one in ids] == [
        PlayerResult(correct=True, points=100, score=100, streak=1),
        PlayerResult(correct=False, points=0, score=0, streak=0),
        PlayerResult(correct=False, points=0, score=0, streak=0),
    ]
    own = await own_answer(Answers(engine), run.id, 0, players[0].id)
    assert own is not None
    assert (own.points, own.bonus, own.correct) == (100, 0, True)


async def test_an_unscored_answer_is_neither_correct_nor_wrong(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1)
    await record(engine, run, players, 0, "0")
    results = await Scoring(engine).player_results(run.id, 0, [players[0].id])
    assert _without_times(results[players[0].id]) == PlayerResult(None, 0, 0, 0)


def _without_times(result: PlayerResult) -> PlayerResult:
    return result._replace(joined_at=0)


async def test_scoring_again_adds_nothing(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    await record(engine, run, players, 0, "010")
    scoring = Scoring(engine)
    await scoring.score_run(run.id, 0, zero_scores)
    assert await scoring.score_run(run.id, 0, zero_scores) == ScoreCounts(
        answered=3, scored=0, late=0
    )
    assert await scores_and_streaks(engine, run) == [(100, 1), (0, 0), (100, 1)]


@pytest.mark.parametrize("shard_counts", [(1, 1), (4, 4), (1, 3, 4, 16)])
async def test_concurrent_scorers_add_points_once(
    engine: AsyncEngine, shard_counts: tuple[int, ...]
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 200)
    scoring = Scoring(engine)
    for question in range(3):
        given = "".join(random.choice("012-") for _ in players)
        await record(engine, run, players, question, given)
        tallies = await asyncio.gather(
            *(
                scoring.score_run(
                    run.id,
                    question,
                    zero_scores,
                    shards=shards,
                    streaks=StreakRules(bonuses=True),
                )
                for shards in shard_counts
            )
        )
        answered = len(given) - given.count("-")
        assert sum(tally.scored for tally in tallies) == answered
        assert {tally.answered for tally in tallies} == {answered}
        streaks = [streak > 0 for _, streak in await scores_and_streaks(engine, run)]
        assert streaks == [answer == "0" for answer in given]
        await assert_totals_are_the_sum_of_answers(engine, run)


async def test_streaks_grow_with_correct_answers_and_earn_the_bonus(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    scoring = Scoring(engine)
    for question, answers in enumerate(["000", "001", "00-", "000"]):
        await record(engine, run, players, question, answers)
        await scoring.score_run(run.id, question, zero_scores, streaks=StreakRules(bonuses=True))
    # four correct answers: 100 + 200 + 300 + 400; the third player broke the streak
    assert await scores_and_streaks(engine, run) == [(1000, 4), (1000, 4), (200, 1)]
    own = await own_answer(Answers(engine), run.id, 3, players[0].id)
    assert own is not None
    assert (own.points, own.bonus) == (400, 300)


async def test_without_the_bonus_streaks_are_counted_all_the_same(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1)
    for question in range(2):
        await record(engine, run, players, question, "0")
        await Scoring(engine).score_run(run.id, question, zero_scores)
    assert await scores_and_streaks(engine, run) == [(200, 2)]


async def test_a_poll_leaves_streaks_alone(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await record(engine, run, players, 0, "00")
    await scoring.score_run(run.id, 0, zero_scores)
    await record(engine, run, players, 1, "1-")
    await scoring.score_run(
        run.id, 1, lambda _: Score(points=0, correct=False), streaks=StreakRules({0, 2})
    )
    assert await scores_and_streaks(engine, run) == [(100, 1), (100, 1)]


async def test_a_stale_scoring_attempt_does_not_change_later_streaks(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 2)
    scoring = Scoring(engine)
    await record(engine, run, players, 0, "10")
    await scoring.score_run(run.id, 0, zero_scores)
    await record(engine, run, players, 1, "01")
    await scoring.score_run(run.id, 1, zero_scores)
    await scoring.score_run(run.id, 0, zero_scores)  # a zombie attempt
    assert await scores_and_streaks(engine, run) == [(100, 1), (100, 0)]


async def test_a_stale_scoring_attempt_skips_answers_to_the_open_question(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1)
    scoring = Scoring(engine)
    await record(engine, run, players, 1, "0")
    assert await scoring.score_run(run.id, 0, zero_scores) == ScoreCounts(
        answered=0, scored=0, late=0
    )
    assert await scoring.score_run(run.id, 1, zero_scores) == ScoreCounts(
        answered=1, scored=1, late=0
    )


async def test_kicked_players_are_scored_but_not_ranked(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    await record(engine, run, players, 0, "000")
    await Players(engine).kick(run.id, players[1].id, NOW)
    scoring = Scoring(engine)
    assert await scoring.score_run(run.id, 0, zero_scores) == ScoreCounts(
        answered=2, scored=3, late=0
    )
    assert [total.player_id for total in await scoring.totals(run.id)] == [
        players[0].id,
        players[2].id,
    ]


async def test_answers_that_arrive_while_scoring_are_scored_by_the_next(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 120)
    scoring = Scoring(engine)

    async def trickle() -> None:
        for start in range(0, 120, 10):
            await record(engine, run, players[start : start + 10], 0, "0" * 10)

    async def score() -> int:
        tallies = [await scoring.score_run(run.id, 0, zero_scores, shards=3) for _ in range(10)]
        return sum(tally.scored for tally in tallies)

    _, one, two = await asyncio.gather(trickle(), score(), score())
    rest = await scoring.score_run(run.id, 0, zero_scores)
    assert one + two + rest.scored == 120
    await assert_totals_are_the_sum_of_answers(engine, run)
    assert {score for score, _ in await scores_and_streaks(engine, run)} == {100}


async def test_a_failing_rule_leaves_nothing_partly_scored(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 4)
    await record(engine, run, players, 0, "0120")

    def faulty(given: ScoreInput) -> Score:
        if given.answer == 2:
            raise ZeroDivisionError
        return zero_scores(given)

    scoring = Scoring(engine)
    with pytest.raises(ZeroDivisionError):
        await scoring.score_run(run.id, 0, faulty)
    assert await scores_and_streaks(engine, run) == [(0, 0)] * 4
    assert (await scoring.score_run(run.id, 0, zero_scores)).scored == 4
