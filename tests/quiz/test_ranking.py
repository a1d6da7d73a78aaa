from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quiz.ranking import Standing, Total, competition_ranks, standings


def test_tied_players_share_a_rank_and_are_listed_in_joining_order() -> None:
    totals = [
        Total("d", "Dora", 10, 4),
        Total("c", "Cleo", 50, 3),
        Total("b", "Bob", 50, 2),
        Total("a", "Ada", 90, 1),
    ]
    assert standings(totals) == [
        Standing(1, "a", "Ada", 90),
        Standing(2, "b", "Bob", 50),
        Standing(2, "c", "Cleo", 50),
        Standing(4, "d", "Dora", 10),
    ]


@given(st.lists(st.integers(0, 5)))
def test_a_rank_is_one_more_than_the_number_of_better_scores(scores: list[int]) -> None:
    scores.sort(reverse=True)
    assert competition_ranks(scores) == [
        1 + sum(other > score for other in scores) for score in scores
    ]
