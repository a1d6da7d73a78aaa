from __future__ import annotations

import asyncio
import random
from collections import Counter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import answers as answers_module
from db.answers import AnswerRow, Answers, Recorded
from db.ids import new_id
from db.players import Players
from db.scoring import Scoring
from quiz.errors import ErrorCode, QuizrunError
from quiz.ranking import Standing, standings
from tests.db.answer_rows import answer_rows
from tests.db.make import (
    NOW,
    answer_of,
    finished,
    joined,
    live_run,
    own_answer,
    stored_answers,
    zero_scores,
)
from tests.waiting import until_blocked


def code_of(outcome: Recorded | QuizrunError) -> ErrorCode | None:
    return outcome.code if isinstance(outcome, QuizrunError) else None


async def test_an_acknowledged_answer_is_in_the_table(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    answers: list[int | float | str | list[int]] = [2, [1, 0, 2], 'S\\ão "Paulo", {NULL}']
    rows = [
        answer_of(run, player, answer=answer)
        for player, answer in zip(players, answers, strict=True)
    ]
    outcomes = await Answers(engine).record_batch(rows)
    assert outcomes == [Recorded(1_000, repeated=False)] * 3
    for player, answer in zip(players, answers, strict=True):
        own = await own_answer(Answers(engine), run.id, 0, player.id)
        assert own is not None
        assert own.answer == answer


async def test_an_empty_batch_is_allowed(engine: AsyncEngine) -> None:
    assert await Answers(engine).record_batch([]) == []


async def test_a_duplicate_answer_gets_the_same_ack(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    (player,) = await joined(engine, run, 1)
    answers = Answers(engine)
    await answers.record_batch([answer_of(run, player, elapsed_ms=700)])
    again = await answers.record_batch([answer_of(run, player, elapsed_ms=900)])
    assert again == [Recorded(700, repeated=True)]


async def test_a_different_answer_is_refused_and_the_first_one_kept(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    (player,) = await joined(engine, run, 1)
    answers = Answers(engine)
    await answers.record_batch([answer_of(run, player, answer=1)])
    (other,) = await answers.record_batch([answer_of(run, player, answer=0)])
    assert code_of(other) is ErrorCode.ANSWER_INVALID
    own = await own_answer(answers, run.id, 0, player.id)
    assert own is not None
    assert own.answer == 1


async def test_a_whole_number_is_the_same_answer_as_a_float(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    (player,) = await joined(engine, run, 1)
    answers = Answers(engine)
    await answers.record_batch([answer_of(run, player, answer=1822)])
    (again,) = await answers.record_batch([answer_of(run, player, answer=1822.0)])
    assert again == Recorded(1_000, repeated=True)


async def test_within_one_batch_the_first_answer_wins(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    one, two = await joined(engine, run, 2)
    outcomes = await Answers(engine).record_batch(
        [
            answer_of(run, two, answer=1, elapsed_ms=10),
            answer_of(run, one, answer=2),
            answer_of(run, two, answer=0, elapsed_ms=20),
            answer_of(run, two, answer=1, elapsed_ms=30),
        ]
    )
    assert outcomes[0] == Recorded(10, repeated=False)
    assert outcomes[1] == Recorded(1_000, repeated=False)
    assert code_of(outcomes[2]) is ErrorCode.ANSWER_INVALID
    assert outcomes[3] == Recorded(10, repeated=True)


async def test_concurrent_writers_agree_on_one_first_answer(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 1_000)

    def shuffled(answer: int) -> list[AnswerRow]:
        rows = [answer_of(run, player, answer=answer, elapsed_ms=answer) for player in players]
        return random.sample(rows, len(rows))  # orders in which naive writers would deadlock

    batches = [shuffled(answer) for answer in (0, 1, 0, 1, 2)]
    answers = Answers(engine)
    outcomes = await asyncio.gather(*(answers.record_batch(batch) for batch in batches))
    chosen = {row.player_id: row.answer for row in await answer_rows(engine, run.id)}
    firsts: Counter[str] = Counter()
    for batch, results in zip(batches, outcomes, strict=True):
        for row, outcome in zip(batch, results, strict=True):
            if isinstance(outcome, Recorded):
                assert row.answer == chosen[row.player_id]
                firsts[row.player_id] += not outcome.repeated
            else:
                assert outcome.code is ErrorCode.ANSWER_INVALID
                assert row.answer != chosen[row.player_id]
    assert firsts == Counter(player.id for player in players)


async def test_batches_with_the_same_rows_do_not_deadlock(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)
    players = sorted(await joined(engine, run, 2), key=lambda player: player.id)
    low, high = (answer_of(run, player) for player in players)
    record = text(answers_module._RECORD.source)
    async with engine.begin() as other:
        await other.execute(record, answers_module._parameters([low]))
        writing = asyncio.create_task(Answers(engine).record_batch([high, low]))
        await until_blocked(engine)
        await other.execute(record, answers_module._parameters([high]))
    assert await writing == [Recorded(1_000, repeated=True)] * 2


async def test_one_batch_can_serve_several_runs(engine: AsyncEngine) -> None:
    runs = [await live_run(engine) for _ in range(3)]
    rows = [answer_of(run, (await joined(engine, run, 1))[0]) for run in runs]
    over = runs[1]
    assert await Scoring(engine).finish(
        finished(over), [Standing(1, rows[1].player_id, "player 1", 0)], NOW
    )
    outcomes = await Answers(engine).record_batch(rows)
    assert [code_of(outcome) for outcome in outcomes] == [None, ErrorCode.RUN_FINISHED, None]


async def test_answers_of_strangers_and_kicked_players_are_refused_with_a_reason(
    engine: AsyncEngine,
) -> None:
    run, elsewhere = await live_run(engine), await live_run(engine)
    inside, kicked = await joined(engine, run, 2)
    (stranger,) = await joined(engine, elsewhere, 1)
    await Players(engine).kick(run.id, kicked.id, NOW)
    unknown_run = AnswerRow(new_id(), 0, inside.id, 0, 0, NOW)
    outcomes = await Answers(engine).record_batch(
        [answer_of(run, inside), answer_of(run, kicked), answer_of(run, stranger), unknown_run]
    )
    assert [code_of(outcome) for outcome in outcomes] == [
        None,
        ErrorCode.KICKED,
        ErrorCode.NOT_JOINED,
        ErrorCode.NOT_JOINED,
    ]
    assert await stored_answers(engine, run) == {(0, inside.id)}


async def test_a_duplicate_after_the_end_is_still_acknowledged(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    early, late = await joined(engine, run, 2)
    answers, scoring = Answers(engine), Scoring(engine)
    await answers.record_batch([answer_of(run, early)])
    await scoring.score_run(run.id, 0, zero_scores)
    assert await scoring.finish(finished(run), standings(await scoring.totals(run.id)), NOW)
    repeat, new = await answers.record_batch([answer_of(run, early), answer_of(run, late)])
    assert repeat == Recorded(1_000, repeated=True)
    assert code_of(new) is ErrorCode.RUN_FINISHED


async def test_counts_and_answered_players(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 5)
    answers = Answers(engine)
    given = [0, 0, 2, 0]
    await answers.record_batch(
        [answer_of(run, p, answer=a) for p, a in zip(players[:4], given, strict=True)]
    )
    assert await answers.counts(run.id, 0) == [(0, 3), (2, 1)]
    await Players(engine).kick(run.id, players[0].id, NOW)
    assert await answers.counts(run.id, 0) == [(0, 2), (2, 1)]
    asked = {player.id for player in players[2:]}
    assert await answers.answered_players(run.id, 0, asked) == {players[2].id, players[3].id}
    assert await answers.answered_players(run.id, 1, asked) == set()
    assert await answers.answered_players(run.id, 0, set()) == set()
