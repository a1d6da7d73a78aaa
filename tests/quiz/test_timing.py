"""Leads."""

from __future__ import annotations

from quiz.timing import lead_ms, longer_lead_ms, next_lead_ms, roomy_lead_ms


def test_the_lead_grows_with_the_room() -> None:
    assert lead_ms(1) == lead_ms(1_000) == 300
    assert lead_ms(1_001) == 300
    assert lead_ms(2_000) == 400
    assert lead_ms(11_000) == 1_300


def test_the_size_of_a_room_cannot_make_players_wait_for_long() -> None:
    assert lead_ms(17_999) == lead_ms(18_001) == lead_ms(100_000) == 2_000
    assert lead_ms(17_990) == 1_999
    assert lead_ms(100_000, at_least=4_000) == 4_000


def test_a_longer_lead_is_kept_for_later_questions() -> None:
    assert lead_ms(1, at_least=1_200) == 1_200
    assert lead_ms(20_000, at_least=600) == lead_ms(20_000)


def test_a_lead_that_was_too_short_is_doubled_within_bounds() -> None:
    assert [longer_lead_ms(lead) for lead in (300, 15_000, 15_001)] == [600, 30_000, 30_000]


def test_a_lead_shrinks_only_if_publishing_took_less_than_a_quarter_of_it() -> None:
    assert [next_lead_ms(800, took) for took in (0, 199, 200, 800)] == [400, 400, 800, 800]
    assert [next_lead_ms(803, took) for took in (199, 200)] == [401, 803]


def test_a_roomy_lead_is_half_as_long_again_within_bounds() -> None:
    assert [roomy_lead_ms(took) for took in (0, 201, 1_333, 1_334)] == [0, 301, 1_999, 2_000]
