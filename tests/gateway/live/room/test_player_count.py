from __future__ import annotations

import itertools

from gateway.live.room.player_count import PlayerCount


def test_totals_of_joins_may_arrive_in_any_order() -> None:
    for totals in itertools.permutations([1, 2, 3]):
        count = PlayerCount(0)
        for total in totals:
            assert not count.joined(total)
        assert count.total == 3


def test_an_older_stored_number_is_no_news() -> None:
    count = PlayerCount(3)
    assert not count.stored(2)
    assert not count.stored(3)
    assert count.stored(4)
    assert count.total == 4


def test_after_a_removal_a_smaller_stored_number_is_news() -> None:
    count = PlayerCount(3)
    count.removed()
    assert count.stored(2)
    assert count.total == 2


def test_after_a_removal_news_of_a_join_must_be_counted_again() -> None:
    count = PlayerCount(3)
    count.removed()
    count.counted(2)
    assert count.joined(3), "the total may be from before the removal"
    count.counted(2)
    assert count.total == 2


def test_a_count_is_exact_whatever_was_known_before() -> None:
    count = PlayerCount(5)
    count.counted(4)
    assert count.total == 4
