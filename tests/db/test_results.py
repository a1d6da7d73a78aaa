from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db import results as results_module
from db.answers import Answers
from db.players import Players
from db.results import AnswerReport, QuestionReport, Results
from db.scoring import Scoring
from quiz.ranking import standings
from tests.db.make import NOW, answer_of, joined, live_run, zero_scores


async def test_ties_are_listed_1_2_2_4_the_earlier_joined_first(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 6)
    scoring = Scoring(engine)
    # points: 0, 200, 100, 300, 200, kicked
    for question, answers in enumerate(["100000", "101000", "111010"]):
        rows = [
            answer_of(run, player, question, int(given))
            for player, given in zip(players, answers, strict=True)
        ]
        await Answers(engine).record_batch(rows)
        await scoring.score_run(run.id, question, zero_scores)
    await Players(engine).kick(run.id, players[5].id, NOW)
    results = Results(engine)
    lines, total = await results.leaderboard(run.id, 10, 0)
    assert total == 5
    assert [(line.rank, line.nickname, line.score) for line in lines] == [
        (1, "player 4", 300),
        (2, "player 2", 200),
        (2, "player 5", 200),
        (4, "player 3", 100),
        (5, "player 1", 0),
    ]
    assert lines == standings(await scoring.totals(run.id))
    assert await results.leaderboard(run.id, 2, 2) == (lines[2:4], 5)
    assert await results.leaderboard(run.id, 2, 50) == ([], 5)


async def test_a_report_has_every_player_and_every_answer(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_module, "PAGE_ANSWERS", 6)
    run = await live_run(engine)
    players = await joined(engine, run, 3)
    await Answers(engine).record_batch(
        [
            answer_of(run, players[0], 0, 1, elapsed_ms=500),
            answer_of(run, players[1], 0, 0, elapsed_ms=700),
            answer_of(run, players[1], 2, [2, 0], elapsed_ms=900),
        ]
    )
    await Scoring(engine).score_run(run.id, 0, zero_scores)
    results = Results(engine)
    pages = [page async for page in results.pages(run.id)]
    assert [len(page) for page in pages] == [2, 1]  # three questions are asked so far
    reports = [each for page in pages for each in page]
    assert [(each.rank, each.player_id, each.score) for each in reports] == [
        (1, players[1].id, 100),
        (2, players[0].id, 0),
        (2, players[2].id, 0),
    ]
    assert [each.answers for each in reports] == [
        (AnswerReport(0, 0, 700, 100, True), AnswerReport(2, [2, 0], 900, None, None)),
        (AnswerReport(0, 1, 500, 0, False),),
        (),
    ]
    assert await results.questions(run.id) == [
        QuestionReport(0, answered=2, correct=1, mean_points=50.0, mean_elapsed_ms=600),
        QuestionReport(2, answered=1, correct=0, mean_points=0.0, mean_elapsed_ms=900),
    ]


async def test_a_run_without_players_has_an_empty_report(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    assert [page async for page in Results(engine).pages(run.id)] == []
    assert await Results(engine).questions(run.id) == []
    assert await Results(engine).leaderboard(run.id, 10, 0) == ([], 0)


async def test_scores_that_change_between_pages_neither_hide_nor_repeat_a_player(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_module, "PAGE_ANSWERS", 1)
    run = await live_run(engine)
    players = await joined(engine, run, 4)
    seen: list[str] = []
    async for page in Results(engine).pages(run.id):
        seen += [each.player_id for each in page]
        last = players[-len(seen)]
        await Answers(engine).record_batch([answer_of(run, last, len(seen))])
        await Scoring(engine).score_run(run.id, len(seen), zero_scores)
    assert seen == [player.id for player in players]
