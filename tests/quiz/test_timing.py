"""Leads."""

from __future__ import annotations

from quiz.timing import lead_ms


def test_the_lead_grows_with_the_room() -> None:
    assert lead_ms(1) == lead_ms(1_000) == 300
    assert lead_ms(10_000) > lead_ms(2_000) > 300


def test_a_longer_lead_is_kept_for_later_questions() -> None:
    assert lead_ms(1, at_least=1_200) == 1_200
    assert lead_ms(20_000, at_least=600) == lead_ms(20_000)
