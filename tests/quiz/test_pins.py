from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.pins import LONGEST, ONE_IN, SHORTEST, digits_for_new, is_pin, pins_of


@pytest.mark.parametrize(
    ("live", "digits"),
    [
        ({}, 6),
        ({6: 89}, 6),
        ({6: 90}, 7),
        ({6: 90, 7: 899}, 7),
        ({6: 90, 7: 900}, 8),
        ({7: 900}, 6),
    ],
)
def test_pins_grow_with_the_number_of_live_runs(live: dict[int, int], digits: int) -> None:
    assert digits_for_new(live) == digits


@given(opened=st.integers(0, 9_990), over=st.dictionaries(st.integers(6, 8), st.integers(0, 90)))
def test_a_guess_hits_a_live_run_with_a_chance_of_one_in_ten_thousand_at_most(
    opened: int, over: dict[int, int]
) -> None:
    live: dict[int, int] = {}
    for _ in range(0, opened, 30):  # 30 runs that open at the same moment count once
        digits = digits_for_new(live)
        live[digits] = live.get(digits, 0) + 1
    for digits, count in over.items():
        live[digits] = max(0, live.get(digits, 0) - count)
    for digits in range(SHORTEST, LONGEST + 1):
        assert live.get(digits, 0) * ONE_IN <= len(pins_of(digits))


@pytest.mark.parametrize("text", ["", "x", "12 3", "١٢٣٤٥٦", "1" * 13, "-12345", "12345\n"])
def test_what_is_no_pin_is_never_looked_up(text: str) -> None:
    assert not is_pin(text)
    assert is_pin("123456")
