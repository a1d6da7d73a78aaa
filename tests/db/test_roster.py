from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import Answers
from db.ids import new_id
from db.players import Joined, Players
from db.roster import Roster, RosterLine
from db.scoring import Scoring
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import NOW, answer_of, joined, live_run, request, zero_scores


async def test_players_are_listed_in_joining_order_with_their_ranks(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 5)
    rows = [
        answer_of(run, player, 0, given)
        for player, given in zip(players, (1, 0, 1, 0, 0), strict=True)
    ]
    await Answers(engine).record_batch(rows)
    await Scoring(engine).score_run(run.id, 0, zero_scores)
    await Players(engine).kick(run.id, players[4].id, NOW)
    lines, total = await Roster(engine).page(run.id, 3, 0)
    assert [(line.nickname, line.rank, line.score, line.streak) for line in lines] == [
        ("player 1", 3, 0, 0),
        ("player 2", 1, 100, 1),
        ("player 3", 3, 0, 0),
    ]
    assert total == 4
    rest = await Roster(engine).page(run.id, 3, 3)
    assert rest == ([RosterLine(players[3].id, "player 4", 1, 100, 1)], 4)
    assert await Roster(engine).page(run.id, 3, 9) == ([], 4)


async def test_players_are_found_by_part_of_their_nickname(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    names = ["Zoë", "zoo", "100%", "a_b", "c\\d"]
    outcomes = await Players(engine).join_batch([request(run, name) for name in names])
    assert all(isinstance(outcome, Joined) for outcome in outcomes)

    async def found(search: str) -> list[str]:
        lines, total = await Roster(engine).page(run.id, 10, 0, search=search)
        assert total == len(lines)
        return [line.nickname for line in lines]

    assert await found("ZO") == ["Zoë", "zoo"]
    assert await found("%") == ["100%"]
    assert await found("_") == ["a_b"]
    assert await found("\\") == ["c\\d"]
    assert await found("nobody") == []


async def test_one_player_has_the_rank_among_all(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    ann, bob = await joined(engine, run, 2)
    await Answers(engine).record_batch([answer_of(run, bob)])
    await Scoring(engine).score_run(run.id, 0, zero_scores)
    assert (await Roster(engine).get(run.id, ann.id)).rank == 2
    await Players(engine).kick(run.id, ann.id, NOW)
    for player_id in (ann.id, new_id(), "nonsense"):
        with pytest.raises(QuizrunError) as refused:
            await Roster(engine).get(run.id, player_id)
        assert refused.value.code is ErrorCode.NOT_FOUND
