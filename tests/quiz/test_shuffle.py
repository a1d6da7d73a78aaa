from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quiz.shuffle import shown_order, solution_as_shown


@given(st.text(), st.integers(0, 500), st.integers(2, 12))
def test_options_are_shown_in_the_same_shuffled_order_to_everyone(
    seed: str, question: int, count: int
) -> None:
    shown = shown_order(seed, question, count)
    assert shown == shown_order(seed, question, count)
    assert sorted(shown) == list(range(count))
    assert [shown[index] for index in solution_as_shown(shown)] == list(range(count))


def test_questions_and_runs_are_shuffled_differently() -> None:
    orders = {shown_order(seed, question, 8) for seed in "ab" for question in range(10)}
    assert len(orders) == 20
