from __future__ import annotations

import asyncio
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from db.ids import new_id
from db.leaderboard import NUMBERS, Leaderboard, page_ranks
from quiz.ranking import Total, competition_ranks, standings


def totals_of(*scores: int) -> list[Total]:
    return [
        Total(new_id(), f"player {number}", score, number)
        for number, score in enumerate(scores, start=1)
    ]


async def test_ties_are_listed_1_2_2_4_the_earlier_joined_first(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    totals = totals_of(0, 200, 100, 300, 200)
    assert await board.publish(run_id, random.sample(totals, 5), version=1)
    lines = await board.top(run_id, 10, version=1)
    assert lines == standings(totals)
    assert [line.rank for line in lines] == [1, 2, 2, 4, 5]
    assert [line.nickname for line in lines[1:3]] == ["player 2", "player 5"]
    assert await board.top(run_id, 10, 50, version=1) == []


async def test_every_page_and_every_rank_agrees_with_the_ranking_rules(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    totals = totals_of(*(random.choice([0, 5, 10, 1_250_000, 2**32]) for _ in range(2_345)))
    await board.publish(run_id, totals, version=1)
    expected = standings(totals)
    for offset in (0, 1, 7, 999, 2_340):
        assert await board.top(run_id, 10, offset, version=1) == expected[offset : offset + 10]
    assert await board.ranks(run_id, version=1) == {
        line.player_id: (line.rank, line.score) for line in expected
    }


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 29))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_page_has_the_ranks_of_the_whole_board(scores: list[int], offset: int) -> None:
    ordered = sorted(scores, reverse=True)
    page = ordered[offset:]
    first_rank = sum(score > page[0] for score in ordered) + 1 if page else 0
    assert page_ranks(page, first_rank, offset) == competition_ranks(ordered)[offset:]


async def test_publishing_replaces_the_whole_board(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    first, second, third = totals_of(10, 20, 30)
    await board.publish(run_id, [first, second, third], version=3)
    await board.publish(run_id, [first, third], version=3)
    assert await board.top(run_id, 10, version=3) == standings([first, third])
    await board.publish(run_id, [], version=4)
    assert await board.top(run_id, 10, version=4) == []


async def test_an_older_board_never_replaces_a_newer_one(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    new, old = totals_of(10), totals_of(5)
    assert await board.publish(run_id, new, version=7)
    assert not await board.publish(run_id, old, version=6)
    assert await board.top(run_id, 10, version=7) == standings(new)


async def test_a_board_of_another_version_is_not_returned(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    await board.publish(run_id, totals_of(10, 20), version=7)
    for version in (-1, 6, 8):
        assert await board.top(run_id, 10, version=version) is None
        assert await board.ranks(run_id, version=version) is None


async def test_concurrent_publications_do_not_mix(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    boards = [totals_of(*range(1_500)) for _ in range(4)]
    await asyncio.gather(*(board.publish(run_id, totals, version=1) for totals in boards))
    lines = await board.top(run_id, 2_000, version=1)
    assert lines in [standings(totals) for totals in boards]


async def test_a_kicked_player_leaves_the_board_under_a_new_version(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    first, second, third = totals_of(10, 20, 30)
    await board.publish(run_id, [first, second, third], version=3)
    await board.remove(run_id, second.player_id, before=3, version=5)
    for _ in range(2):  # a repeat changes nothing
        await board.remove(run_id, third.player_id, before=5, version=6)
        assert await board.top(run_id, 10, version=6) == standings([first])


async def test_a_kick_does_not_update_the_version_of_an_outdated_board(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    first, second = totals_of(10, 20)
    await board.publish(run_id, [first, second], version=3)
    await board.remove(run_id, second.player_id, before=7, version=9)
    assert await board.top(run_id, 10, version=9) is None
    assert await board.top(run_id, 10, version=3) == standings([first])


async def test_a_board_expires(redis: Redis) -> None:
    run_id, board = new_id(), Leaderboard(redis)
    await board.publish(run_id, totals_of(10), version=1)
    keys = [key async for key in redis.scan_iter(f"*{run_id}*")]
    assert len(keys) == 2  # and no draft is left over
    for key in keys:
        assert 0 < await redis.ttl(key) <= 24 * 3600


def test_the_sort_value_is_exact_in_a_double() -> None:
    best = 500 * 2_500  # the most that a quiz can give
    assert float((best + 1) * NUMBERS) == (best + 1) * NUMBERS < 2**53
