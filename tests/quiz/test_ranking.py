from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quiz.ranking import Total, competition_ranks, standings


def test_tied_players_share_a_rank_and_are_listed_in_joining_order() -> None:
    totals = [
        Total("d", "Dora", 10, 4),
        Total("c", "Cleo", 50, 3),
        Total("b", "Bob", 50, 2),
        Total("a", "Ada", 90, 1),
    ]
    assert [(line.rank, line.nickname) for line in standings(totals)] == [
        (1, "Ada"), (2, "Bob"), (2, "Cleo"), (4, "Dora"),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 5)))
def test_a_rank_is_one_more_than_the_number_of_better_scores(scores: list[int]) -> None:
    scores.sort(reverse=True)
    assert competition_ranks(scores) == [
        1 + sum(other > score for other in scores) for score in scores
    ]
